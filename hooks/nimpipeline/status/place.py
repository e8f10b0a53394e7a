"""Place: the fields of a NIMService where users of its pipeline write them."""

import re

from hooks.nimpipeline.api.nimpipeline import NIMPipeline
from hooks.nimservice.api.nimservice import NIMServiceSpec

_FIELDS = "|".join(each.alias or name for name, each in NIMServiceSpec.model_fields.items())
_PATH = re.compile(rf"(?<![\w.])spec(?=\.(?:{_FIELDS})\b)")


def of(pipeline: NIMPipeline, service: str, text: str) -> str:
    """Return what the status of a service's NIMService says, with the paths of the pipeline.

    So ``correct spec.replicas`` becomes ``correct spec.services[0].spec.replicas``. An edit of the
    NIMService itself would be undone.
    """
    names = [each.name for each in pipeline.spec.services]
    return _PATH.sub(f"spec.services[{names.index(service)}].spec", text)

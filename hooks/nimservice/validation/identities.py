"""Identities: users and groups that no pod can have."""

from collections.abc import Iterator
from typing import Any

from hooks.kernel import validation
from hooks.kernel.crd.structure import Problem
from hooks.nimservice.api.nimservice import NIMService


def first(nim: NIMService) -> Problem | None:
    """Return the first user or group that the API server would refuse, or None."""
    return validation.identities(_of_security(nim))


def _of_security(nim: NIMService) -> Iterator[tuple[str, Any]]:
    """Yield the path and the value of every field of the pod's and the containers' security."""
    spec = nim.spec
    yield from (("userID", spec.user_id), ("groupID", spec.group_id))
    for field, given in (spec.pod_security_context or {}).items():
        path = f"podSecurityContext.{field}"
        if isinstance(given, list):
            yield from ((f"{path}[{index}]", each) for index, each in enumerate(given))
        else:
            yield path, given
    contexts = [("", spec.security_context)]
    contexts += [
        (f"{path}.", container.security_context) for path, container in nim.extra_containers
    ]
    for path, context in contexts:
        for name, each in (context or {}).items():
            yield f"{path}securityContext.{name}", each

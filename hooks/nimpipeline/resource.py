"""Resource: what NIMPipeline gives to the kernel."""

from hooks.kernel.crd.customresource import Column, CustomResource
from hooks.kernel.deletion import Stage
from hooks.kernel.resource import Resource
from hooks.kernel.validation import LARGEST
from hooks.nimpipeline import children, kinds, related, status, validation
from hooks.nimpipeline.api import service
from hooks.nimpipeline.api.nimpipeline import NIMPipeline, NIMPipelineSpec
from hooks.nimpipeline.api.status import NIMPipelineStatus
from hooks.nimpipeline.context import Context
from hooks.nimpipeline.status import verdict
from hooks.nimpipeline.status.reason import VERDICTS, WARNINGS

DEFINITION = CustomResource(
    kind=kinds.NIM_PIPELINE,
    model=NIMPipeline,
    spec=NIMPipelineSpec,
    status=NIMPipelineStatus,
    short_name="nimp",
    columns=(
        Column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
        Column("Reason", '.status.conditions[?(@.type=="Ready")].reason'),
        Column("Services", ".status.readyServices"),
        Column("Age", ".metadata.creationTimestamp", type="date"),
        Column("State", ".status.state", wide=True),
        Column("Message", '.status.conditions[?(@.type=="Ready")].message', wide=True),
    ),
)

RESOURCE = Resource(
    definition=DEFINITION,
    context=Context,
    check=validation.of,
    plan=children.plan,
    related=related.rules,
    verdict=verdict.of,
    status=status.observe,
    example={
        "services": [
            {
                "name": "rehearsal",
                "enabled": True,
                "spec": {
                    "image": {"repository": "example.com/nim", "tag": "1"},
                    "storage": {"emptyDir": {}},
                },
            }
        ]
    },
    reasons=(*VERDICTS, *WARNINGS),
    largest=service.SERVICES * LARGEST,  # each service has the limit of a NIMService
    stages=(Stage((kinds.NIM_SERVICE,)),),
    # Each NIMService has its own finalizer. One on the pipeline would only prevent --cascade=orphan
    # from keeping them.
    hooks=("sync", "customize"),
)

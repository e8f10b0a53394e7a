"""Resource: what NIMService gives to the kernel."""

from hooks.kernel.crd.customresource import Column, CustomResource
from hooks.kernel.deletion import Stage
from hooks.kernel.observed import mapping
from hooks.kernel.pod.reason import CAUSES
from hooks.kernel.resource import Resource
from hooks.kernel.verdict import Verdict
from hooks.nimservice import children, kinds, naming, related, status, validation
from hooks.nimservice.api.nimservice import NIMService, NIMServiceSpec
from hooks.nimservice.api.status import NIMServiceStatus
from hooks.nimservice.context import Context
from hooks.nimservice.status import endpoint, verdict
from hooks.nimservice.status.reason import EXCEPTIONS, VERDICTS, WARNINGS

STAGES = (
    Stage(
        (
            kinds.INGRESS,
            kinds.HTTP_ROUTE,
            kinds.GRPC_ROUTE,
            kinds.HORIZONTAL_POD_AUTOSCALER,
            kinds.SERVICE_MONITOR,
        )
    ),
    Stage(kinds.WORKLOADS, pods=True),
)
"""Requests stop before pods do; devices and data go last."""

DEFINITION = CustomResource(
    kind=kinds.NIM_SERVICE,
    model=NIMService,
    spec=NIMServiceSpec,
    status=NIMServiceStatus,
    short_name="nims",
    columns=(
        # Where NVIDIA's operator has the state, so that scripts find it.
        Column("Status", ".status.state"),
        Column("Ready", '.status.conditions[?(@.type=="Ready")].status'),
        Column("Reason", '.status.conditions[?(@.type=="Ready")].reason'),
        Column("Replicas", ".status.replicas", type="integer"),
        Column("Available", ".status.availableReplicas", type="integer"),
        Column("Endpoint", ".status.model.clusterEndpoint"),
        Column("Age", ".metadata.creationTimestamp", type="date"),
        Column("Message", '.status.conditions[?(@.type=="Ready")].message', wide=True),
    ),
    scale={
        "specReplicasPath": ".spec.replicas",
        "statusReplicasPath": ".status.replicas",
        "labelSelectorPath": ".status.selector",
    },
)


def _question(ctx: Context, outcome: Verdict) -> str | None:
    """Return the address of a ready model to ask for its name, once for each generation."""
    asked = mapping(ctx.status.get("model")).get("observedGeneration") == ctx.generation
    if asked or not ctx.settings.model_lookup or outcome.reason != "Ready":
        return None
    return endpoint.to_ask(ctx) or None


RESOURCE = Resource(
    definition=DEFINITION,
    context=Context,
    check=validation.of,
    plan=children.plan,
    related=related.rules,
    verdict=verdict.of,
    status=status.observe,
    example={
        "image": {"repository": "example.com/nim", "tag": "1"},
        "authSecret": "rehearsal",
        "storage": {"emptyDir": {}},
        "expose": {"service": {"port": 8000}},
    },
    reasons=(*VERDICTS, *CAUSES, *WARNINGS, *EXCEPTIONS),
    stages=STAGES,
    pod_labels=naming.pod_identity,
    question=_question,
)

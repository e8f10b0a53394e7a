"""Resource: what NIMCache gives to the kernel."""

from hooks.kernel.resource import Resource
from hooks.nimcache import children, naming, related, status, usage, validation
from hooks.nimcache.context import Context
from hooks.nimcache.definition import DEFINITION
from hooks.nimcache.status import reason, verdict

RESOURCE = Resource(
    definition=DEFINITION,
    context=Context,
    check=validation.of,
    plan=children.plan,
    related=related.rules,
    verdict=verdict.of,
    status=status.observe,
    example={
        "source": {"ngc": {"modelPuller": "example.com/nim:1", "authSecret": "rehearsal"}},
        "storage": {"pvc": {"create": True, "size": "1Gi"}},
    },
    reasons=tuple(reason.ALL.values()),
    pod_labels=naming.pod_identity,
    retained=usage.retained,
    retainers=related.users,
)

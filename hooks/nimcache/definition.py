"""Definition: the CustomResourceDefinition of NIMCache."""

from hooks.kernel.crd.customresource import Column, CustomResource
from hooks.nimcache import kinds
from hooks.nimcache.api.nimcache import NIMCache, NIMCacheSpec
from hooks.nimcache.api.status import NIMCacheStatus

DEFINITION = CustomResource(
    kind=kinds.NIM_CACHE,
    model=NIMCache,
    spec=NIMCacheSpec,
    status=NIMCacheStatus,
    short_name="nimc",
    columns=(
        Column("Status", ".status.state"),
        Column("PVC", ".status.pvc"),
        Column("Reason", '.status.conditions[?(@.type=="Ready")].reason'),
        Column("Age", ".metadata.creationTimestamp", type="date"),
        Column("Message", '.status.conditions[?(@.type=="Ready")].message', wide=True),
    ),
)

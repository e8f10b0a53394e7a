"""Context: everything one sync of a NIMCache knows, read-only."""

from functools import cached_property

from hooks.kernel import context, quantity, strict
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import labels, mapping, mappings, text
from hooks.nimcache import kinds, naming
from hooks.nimcache.api import NIMCache
from hooks.nimcache.naming import Role
from hooks.nimcache.settings import Settings

GPU_PRODUCT = "nvidia.com/gpu.product"
"""Label of a node, set by NVIDIA's GPU Feature Discovery: the product of its GPUs."""

ENDED = ("Succeeded", "Failed")
"""The phases of a pod that has ended."""


class Context(context.Context[NIMCache, Settings]):
    """One NIMCache, what is observed around it, and what this installation decides."""

    CHILDREN = kinds.MANAGED
    # A claim that nobody owns holds somebody's data. A Job that nobody owns may be writing to the
    # claim. A ServiceAccount may have any rights.
    UNOWNED = (kinds.PERSISTENT_VOLUME_CLAIM, kinds.JOB, kinds.SERVICE_ACCOUNT)

    @property
    def cache(self) -> NIMCache:
        """The NIMCache."""
        return self.parent

    @cached_property
    def annotations(self) -> Manifest:
        """The annotations of the NIMCache."""
        return mapping(mapping(self.request.parent.get("metadata")).get("annotations"))

    @property
    def layout(self) -> str:
        """What the user says the image is: ``native``, ``legacy`` or ``model-free``.

        It is empty if the probe has to find out.
        """
        said = text(self.annotations.get(naming.LAYOUT))
        return said if said in ("native", "legacy", "model-free") else ""

    @property
    def prefilled(self) -> bool:
        """Whether the user says that the claim already holds the model."""
        says = self.annotations.get(naming.PREFILLED) == "true"
        return says and not self.cache.spec.storage.pvc.create

    @cached_property
    def claim(self) -> Manifest | None:
        """The claim that holds the model, whoever owns it."""
        name = naming.claim(self.cache)
        kind = kinds.PERSISTENT_VOLUME_CLAIM
        return self.child(kind, name) or self.related_named(kind, name)

    @property
    def claim_uid(self) -> str:
        """The UID of the claim; empty if it is missing or being deleted."""
        metadata = mapping((self.claim or {}).get("metadata"))
        return "" if metadata.get("deletionTimestamp") else text(metadata.get("uid"))

    @property
    def claim_size(self) -> str:
        """The size that the claim requests; empty if it requests none."""
        resources = mapping(mapping((self.claim or {}).get("spec")).get("resources"))
        size = str(mapping(resources.get("requests")).get("storage") or "")
        try:
            quantity.value(size or "0")
        except quantity.InvalidQuantity:
            path = ("spec", "resources", "requests", "storage")
            raise strict.odd(self.claim or {}, path, "a size") from None
        return size

    @cached_property
    def download(self) -> Manifest | None:
        """The observed Job that downloads the model."""
        return self.child(kinds.JOB, naming.download(self.cache))

    @cached_property
    def probe(self) -> Manifest | None:
        """The observed Job that reads the image's model manifest."""
        return self.child(kinds.JOB, naming.probe(self.cache))

    def pods_in(self, role: Role) -> list[Manifest]:
        """Return the pods of a role, also of former Jobs, oldest first."""
        wanted = naming.pod_labels(self.cache, role).items()
        found = [pod for pod in self.pods if wanted <= labels(pod).items()]
        return sorted(found, key=lambda pod: text(pod["metadata"].get("creationTimestamp")))

    def pods_of(self, job: Manifest, role: Role) -> list[Manifest]:
        """Return the pods of a Job, in the order of their creation."""
        uid = job["metadata"].get("uid")
        return [pod for pod in self.pods_in(role) if _owned_by(pod, uid)]

    @cached_property
    def products(self) -> tuple[str, ...] | None:
        """The GPUs of the cluster, as node labels name them; None if they are unknown."""
        pinned = (self.cache.spec.node_selector or {}).get(GPU_PRODUCT)
        if pinned:
            return (pinned,)
        given = [each.strip() for each in self.settings.gpu_products.split(",") if each.strip()]
        return tuple(sorted({*given, *([] if given else self._discovered())})) or None

    def _discovered(self) -> list[str]:
        """Return the products of the nodes that the download may run on, else of all.

        The download may run on a node without a GPU.
        """
        nodes = [labels(node) for node in self.related(kinds.NODE).values()]
        selector = (self.cache.spec.node_selector or {}).items()
        near = [each for each in nodes if selector <= each.items()]
        found = [[text(each.get(GPU_PRODUCT)) for each in those] for those in (near, nodes)]
        return next(
            (products for those in found if (products := [each for each in those if each])), []
        )


def _owned_by(pod: Manifest, uid: str) -> bool:
    owners = mappings(mapping(pod.get("metadata")).get("ownerReferences"))
    return any(each.get("uid") == uid for each in owners)

"""Context: everything one sync of a NIMService knows, read-only."""

from functools import cached_property

from hooks.kernel import context, ownership, security, strict
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import Manifest
from hooks.nimservice import constraint, kinds, modelstore, naming
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.device import claim
from hooks.nimservice.device.claim import DeviceClaim
from hooks.nimservice.modelstore import Blocked, ModelStore, Resolution
from hooks.nimservice.settings import Settings


class Context(context.Context[NIMService, Settings]):
    """One NIMService, what is observed around it, and what this installation decides."""

    CHILDREN = kinds.MANAGED
    # A claim that nobody owns holds somebody's data. A ServiceAccount may have any rights.
    UNOWNED = (kinds.PERSISTENT_VOLUME_CLAIM, kinds.SERVICE_ACCOUNT)

    @property
    def nim(self) -> NIMService:
        """The NIMService."""
        return self.parent

    @cached_property
    def workload_kind(self) -> Kind:
        """The kind that is to run the model."""
        if self.nim.kserve:
            return kinds.INFERENCE_SERVICE
        return kinds.LEADER_WORKER_SET if self.nim.multi_node else kinds.DEPLOYMENT

    def running(self, kind: Kind) -> Manifest | None:
        """Return the observed workload of a kind, whether or not it is the one that is wanted."""
        return self.child(kind, self._name(kind))

    @property
    def makes_workload(self) -> bool:
        """Whether the answer has the desired workload, made or kept."""
        return self.plan.has(self.workload_kind, self.workload_name)

    @property
    def workload_name(self) -> str:
        """The name of the workload that is wanted."""
        return self._name(self.workload_kind)

    def _name(self, workload: Kind) -> str:
        return (
            naming.group(self.nim)
            if workload is kinds.LEADER_WORKER_SET
            else naming.workload(self.nim)
        )

    @cached_property
    def workload(self) -> Manifest | None:
        """The observed workload of the kind that is wanted."""
        return self.running(self.workload_kind)

    @cached_property
    def resolution(self) -> Resolution:
        """Where the workload finds its model, and how that was decided."""
        cache = self.related_named(kinds.NIM_CACHE, self.nim.spec.storage.nim_cache.name)
        pod = self.workload and pod_spec(self.workload_kind, self.workload)
        return modelstore.resolve(self.nim, cache, self.status, pod)

    @cached_property
    def store(self) -> ModelStore | Blocked:
        """The model store, or why no workload can be made yet.

        Its model or a device is missing, or its pods would have rights that are not theirs.
        """
        found = self.resolution.store
        return found if isinstance(found, Blocked) else self._obstacle or found

    @cached_property
    def _obstacle(self) -> Blocked | None:
        return self._foreign_rights or self._missing_devices

    @property
    def _foreign_rights(self) -> Blocked | None:
        if self.settings.openshift:
            allowed = self.settings.openshift_constraints
            if found := security.not_allowed(constraint.of(self.nim), allowed):
                return Blocked(found, failed=True)
        if self.workload is not None:  # its pods run under the account already
            return None
        found = ownership.account(self, naming.service_account(self.nim))
        return Blocked(found, failed=True) if found else None

    @cached_property
    def compute_domain(self) -> Manifest | None:
        """The observed ComputeDomain that the pods share, be it created or named."""
        named = claim.named_domain(self.nim)
        return (
            self.related_named(kinds.COMPUTE_DOMAIN, named)
            if named
            else self.child(kinds.COMPUTE_DOMAIN, naming.workload(self.nim))
        )

    @cached_property
    def device_claims(self) -> tuple[DeviceClaim, ...]:
        """The claims on devices that every pod makes."""
        return claim.of(self.nim, self.compute_domain)

    @cached_property
    def _missing_devices(self) -> Blocked | None:
        claims = self.request.related.get(kinds.RESOURCE_CLAIM.group_key)
        return claim.missing(
            self.nim, claims, self.compute_domain, domains=self.manages(kinds.COMPUTE_DOMAIN)
        )


def pod_spec(kind: Kind, workload: Manifest) -> Manifest:
    """Return the spec of the pods of a workload that answer requests."""
    return strict.mapping(workload, "spec", *_PODS[kind])


_PODS = {
    kinds.DEPLOYMENT: ("template", "spec"),
    kinds.LEADER_WORKER_SET: ("leaderWorkerTemplate", "leaderTemplate", "spec"),
    kinds.INFERENCE_SERVICE: ("predictor",),
}
"""Where each workload has the spec of the pods that answer requests, below its own spec."""

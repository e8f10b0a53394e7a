"""Context: everything one sync knows, read-only. Builders and checks take it and nothing else."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any, TypeVar

from hooks.kernel.finding import Finding
from hooks.kernel.kind import Kind
from hooks.kernel.manifest import Manifest
from hooks.kernel.protocol import HookRequest
from hooks.kernel.settings import Settings
from hooks.nimservice import kinds, modelstore, naming
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.device import claim
from hooks.nimservice.device.claim import DeviceClaim
from hooks.nimservice.modelstore import Blocked, ModelStore, Resolution

T = TypeVar("T")

_GROUP_KEYS = {f"{kind.plural}.{kind.api_version}": kind.group_key for kind in kinds.MANAGED}
"""The group keys by how a CompositeController names a kind."""


@dataclass(frozen=True)
class Context:
    """One NIMService, what is observed around it, and what this installation decides."""

    nim: NIMService
    request: HookRequest
    settings: Settings
    now: datetime
    model_name: str | None = None
    """The model's name, where it was looked up for this sync."""
    findings: tuple[Finding, ...] = ()
    """What building found out; status turns it into conditions."""
    desired: tuple[Manifest, ...] = ()
    """What building made; status looks for what stays unobserved, and for nothing else."""
    _known: dict[Callable[["Context"], Any], Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    def once(self, work: Callable[["Context"], T]) -> T:
        """Return what a function of the context works out; it is asked once, however many need it."""
        if work not in self._known:
            self._known[work] = work(self)
        found: T = self._known[work]
        return found

    @property
    def status(self) -> Manifest:
        """The status as it was last written, possibly a little stale."""
        status = self.request.parent.get("status")
        return status if isinstance(status, dict) else {}

    def child(self, kind: Kind, name: str) -> Manifest | None:
        """Return an observed child."""
        return self.request.observed(kind).get(f"{self.nim.namespace}/{name}")

    def related(self, kind: Kind) -> Mapping[str, Manifest]:
        """Return the related objects of a kind by ``namespace/name``."""
        return self.request.related.get(kind.group_key) or {}

    def related_named(self, kind: Kind, name: str | None) -> Manifest | None:
        """Return a related object of the NIMService's own namespace."""
        return self.related(kind).get(f"{self.nim.namespace}/{name}") if name else None

    @cached_property
    def managed(self) -> frozenset[str]:
        """The group keys of the kinds that this installation manages, as its CompositeController says."""
        spec = self.request.controller.get("spec")
        rules = spec.get("childResources") if isinstance(spec, dict) else None
        given = [rule for rule in rules if isinstance(rule, dict)] if isinstance(rules, list) else []
        if not given and not self.request.children:  # asked by a caller that is not Metacontroller
            return frozenset(_GROUP_KEYS.values())
        named = ((rule.get("resource"), rule.get("apiVersion")) for rule in given)
        listed = {f"{plural}.{version}" for plural, version in named if isinstance(plural, str) and isinstance(version, str)}
        # Metacontroller sends a group for each kind that it manages, an empty one too: what is observed is never unmanaged.
        return frozenset((*(_GROUP_KEYS[rule] for rule in listed & _GROUP_KEYS.keys()), *self.request.children))

    def manages(self, kind: Kind) -> bool:
        """Whether this installation manages a kind."""
        return kind.group_key in self.managed

    @property
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
        """Whether building made, or kept, the workload that is wanted."""
        wanted = self.workload_kind.kind, self.workload_name
        return any((child["kind"], child["metadata"]["name"]) == wanted for child in self.desired)

    @property
    def workload_name(self) -> str:
        """The name of the workload that is wanted."""
        return self._name(self.workload_kind)

    def _name(self, workload: Kind) -> str:
        return naming.group(self.nim) if workload is kinds.LEADER_WORKER_SET else naming.workload(self.nim)

    @cached_property
    def workload(self) -> Manifest | None:
        """The observed workload of the kind that is wanted."""
        return self.running(self.workload_kind)

    @cached_property
    def resolution(self) -> Resolution:
        """Where the workload finds its model, and how that was decided."""
        cache = self.related_named(kinds.NIM_CACHE, self.nim.spec.storage.nim_cache.name)
        return modelstore.resolve(self.nim, cache, self.status, _pod_spec(self.workload_kind, self.workload))

    @property
    def store(self) -> ModelStore | Blocked:
        """Where the workload finds its model, or why no workload can be made yet: for want of its model or of its devices."""
        found = self.resolution.store
        return found if isinstance(found, Blocked) else self._missing_devices or found

    @cached_property
    def compute_domain(self) -> Manifest | None:
        """The observed ComputeDomain that the pods share, be it created or named."""
        named = claim.named_domain(self.nim)
        return self.related_named(kinds.COMPUTE_DOMAIN, named) if named else self.child(kinds.COMPUTE_DOMAIN, naming.workload(self.nim))

    @cached_property
    def device_claims(self) -> tuple[DeviceClaim, ...]:
        """The claims on devices that every pod makes."""
        return claim.of(self.nim, self.compute_domain)

    @cached_property
    def _missing_devices(self) -> Blocked | None:
        claims = self.request.related.get(kinds.RESOURCE_CLAIM.group_key)
        return claim.missing(self.nim, claims, self.compute_domain, domains=self.manages(kinds.COMPUTE_DOMAIN))

    @cached_property
    def pods(self) -> tuple[Manifest, ...]:
        """The pods of this NIMService in the order of their names; none where pods are not related."""
        return tuple(pod for _, pod in sorted(self.related(kinds.POD).items()))

    def having(self, findings: Iterable[Finding], desired: Iterable[Manifest]) -> "Context":
        """Return the context with what building found out and made, and with what has been worked out already."""
        having = replace(self, findings=(*self.findings, *findings), desired=tuple(desired))
        vars(having).update({name: value for name, value in vars(self).items() if name not in vars(having)})
        return having


def _pod_spec(kind: Kind, workload: Manifest | None) -> Manifest | None:
    if workload is None:
        return None
    spec = workload.get("spec") or {}
    if kind is kinds.DEPLOYMENT:
        template = spec.get("template") or {}
    elif kind is kinds.LEADER_WORKER_SET:
        template = (spec.get("leaderWorkerTemplate") or {}).get("leaderTemplate") or {}
    else:
        return spec.get("predictor") or {}
    return template.get("spec") or {}

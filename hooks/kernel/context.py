"""Context: everything one sync knows, read-only. Builders and checks take it and nothing else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeVar

from hooks.kernel import observed
from hooks.kernel.clock import Clock
from hooks.kernel.kind import PERSISTENT_VOLUME_CLAIM, POD, Kind
from hooks.kernel.manifest import Manifest
from hooks.kernel.plan import Plan
from hooks.kernel.protocol import HookRequest
from hooks.kernel.settings import Settings

P = TypeVar("P")
S = TypeVar("S", bound=Settings)
T = TypeVar("T")


def _nothing(_: Any) -> Plan:
    return Plan()


@dataclass(frozen=True)
class Context(Generic[P, S]):
    """One parent, the observed objects around it, and the settings of this installation."""

    CHILDREN: ClassVar[tuple[Kind, ...]] = ()
    """The kinds that an installation with all components manages."""
    UNOWNED: ClassVar[tuple[Kind, ...]] = (PERSISTENT_VOLUME_CLAIM,)
    """The kinds of which the hooks leave objects without an owner alone, too."""
    _KINDS: ClassVar[dict[tuple[str, str], Kind]] = {}
    _GROUP_KEYS: ClassVar[dict[tuple[str, str], str]] = {}

    def __init_subclass__(cls) -> None:
        """Index the kinds: every sync looks up all of them."""
        cls._KINDS = {(kind.api_version, kind.kind): kind for kind in cls.CHILDREN}
        cls._GROUP_KEYS = {kind.rule: kind.group_key for kind in cls.CHILDREN}

    parent: P
    request: HookRequest
    settings: S
    now: datetime
    build: Callable[[Any], Plan] = _nothing
    """Makes the plan; an empty one where the answer has no children, as in a deletion."""
    _known: dict[Callable[[Any], Any], Any] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @cached_property
    def clock(self) -> Clock:
        """The time of this sync; it notes when something else happens by time alone."""
        return Clock(self.now)

    def passed(self, since: datetime, patience: timedelta) -> bool:
        """Whether something has lasted for as long as patience; the next sync comes in time."""
        return self.clock.passed(since, patience)

    @cached_property
    def plan(self) -> Plan:
        """The desired children and the findings of building, to compare with the observed ones.

        No builder may ask for it.
        """
        return self.build(self)

    def once(self, work: Callable[[Any], T]) -> T:
        """Return the result of a function of the context, which is called only once."""
        if work not in self._known:
            self._known[work] = work(self)
        found: T = self._known[work]
        return found

    @property
    def status(self) -> Manifest:
        """The status as it was last written, possibly a little stale."""
        return observed.status(self.request.parent)

    @cached_property
    def namespace(self) -> str:
        """The parent's namespace, and that of all its children."""
        return str(self.request.parent["metadata"].get("namespace") or "default")

    @property
    def generation(self) -> int:
        """The parent's generation; 0 where it has none."""
        return observed.number(self.request.parent["metadata"].get("generation"))

    def child(self, kind: Kind, name: str) -> Manifest | None:
        """Return an observed child."""
        return self.request.observed(kind).get(f"{self.namespace}/{name}")

    def related(self, kind: Kind) -> Mapping[str, Manifest]:
        """Return the related objects of a kind by ``namespace/name``."""
        return self.request.related.get(kind.group_key, {})

    def related_named(self, kind: Kind, name: str | None) -> Manifest | None:
        """Return a related object of the parent's own namespace."""
        return self.related(kind).get(f"{self.namespace}/{name}") if name else None

    @cached_property
    def pods(self) -> tuple[Manifest, ...]:
        """The related pods in the order of their names; none where pods are not related."""
        return tuple(pod for _, pod in sorted(self.related(POD).items()))

    @cached_property
    def managed(self) -> frozenset[str]:
        """The group keys of the kinds that the CompositeController manages."""
        spec = observed.mapping(self.request.controller.get("spec"))
        given = observed.mappings(spec.get("childResources"))
        if not given and not self.request.children:  # asked by a caller that is not Metacontroller
            return frozenset(self._GROUP_KEYS.values())
        text, known = observed.text, self._GROUP_KEYS
        listed = [
            known.get((text(rule.get("resource")), text(rule.get("apiVersion")))) for rule in given
        ]
        # Metacontroller sends a group for each managed kind, also an empty one.
        return frozenset(filter(None, listed)).union(self.request.children)

    def manages(self, kind: Kind) -> bool:
        """Whether this installation manages a kind."""
        return kind.group_key in self.managed

    @classmethod
    def kind_of(cls, child: Manifest) -> Kind:
        """Return the kind of a child that was built."""
        return cls._KINDS[child["apiVersion"], child["kind"]]

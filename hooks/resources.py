"""Resources: the kinds of the API that these hooks serve; the one registry of them.

A resource loads when it is first named: a command about NIMServices needs no other one, and each
takes a tenth of its time.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from hooks.kernel.resource import Resource
from hooks.nimcache import settings as nimcache_settings
from hooks.nimcache.kinds import NIM_CACHE as _NIM_CACHE
from hooks.nimpipeline.kinds import NIM_PIPELINE as _NIM_PIPELINE
from hooks.nimservice import settings as nimservice_settings
from hooks.nimservice.kinds import NIM_SERVICE as _NIM_SERVICE

if TYPE_CHECKING:
    from hooks.kernel.crd.customresource import CustomResource
    from hooks.nimcache import resource as nimcache
    from hooks.nimpipeline import resource as nimpipeline
    from hooks.nimservice import resource as nimservice

    NIM_SERVICE = nimservice.RESOURCE
    NIM_CACHE = nimcache.RESOURCE
    NIM_PIPELINE = nimpipeline.RESOURCE

    RESOURCES: tuple[Resource[Any], ...]
    """The resources with hooks of their own."""

    DEFINITIONS: tuple[CustomResource, ...]
    """The CustomResourceDefinitions that are installed."""

_SLICES = {
    "NIM_SERVICE": (_NIM_SERVICE.kind, "hooks.nimservice.resource"),
    "NIM_CACHE": (_NIM_CACHE.kind, "hooks.nimcache.resource"),
    "NIM_PIPELINE": (_NIM_PIPELINE.kind, "hooks.nimpipeline.resource"),
}


@dataclass(frozen=True, kw_only=True)
class Settings(nimservice_settings.Settings, nimcache_settings.Settings):
    """The settings of one hook server: those of every resource."""


class _ByKind(Mapping[str, Resource[Any]]):
    def __getitem__(self, kind: str) -> Resource[Any]:
        for name, (own, _) in _SLICES.items():
            if own == kind:
                found: Resource[Any] = globals().get(name) or __getattr__(name)
                return found
        raise KeyError(kind)

    def __iter__(self) -> Iterator[str]:
        return (kind for kind, _ in _SLICES.values())

    def __len__(self) -> int:
        return len(_SLICES)


BY_KIND: Mapping[str, Resource[Any]] = _ByKind()
"""The resources by the kind of their parents."""


def __getattr__(name: str) -> Any:
    """Return a resource, or all of them, and keep it."""
    if name in _SLICES:
        value = import_module(_SLICES[name][1]).RESOURCE
    elif name == "RESOURCES":
        value = tuple(BY_KIND.values())
    elif name == "DEFINITIONS":
        value = tuple(resource.definition for resource in BY_KIND.values())
    else:
        raise AttributeError(name)
    globals()[name] = value
    return value

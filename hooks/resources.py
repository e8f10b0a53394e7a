"""Resources: the kinds of the API that these hooks serve; the one registry of them."""

from dataclasses import dataclass
from typing import Any

from hooks.kernel.crd.customresource import CustomResource
from hooks.kernel.resource import Resource
from hooks.nimcache import resource as nimcache
from hooks.nimcache import settings as nimcache_settings
from hooks.nimpipeline import resource as nimpipeline
from hooks.nimservice import resource as nimservice
from hooks.nimservice import settings as nimservice_settings

NIM_SERVICE = nimservice.RESOURCE
NIM_CACHE = nimcache.RESOURCE
NIM_PIPELINE = nimpipeline.RESOURCE

RESOURCES: tuple[Resource[Any], ...] = (NIM_SERVICE, NIM_CACHE, NIM_PIPELINE)
"""The resources with hooks of their own."""

DEFINITIONS: tuple[CustomResource, ...] = tuple(resource.definition for resource in RESOURCES)
"""The CustomResourceDefinitions that are installed."""


@dataclass(frozen=True, kw_only=True)
class Settings(nimservice_settings.Settings, nimcache_settings.Settings):
    """The settings of one hook server: those of every resource."""

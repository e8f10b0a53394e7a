"""Installation: an installation with every component, its hooks called in this process."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

import yaml

from hooks.cluster.api import Object
from hooks.kernel import protocol, resource
from hooks.kernel.crd import shipped
from hooks.kernel.protocol import BadRequest
from hooks.kernel.resource import Resource
from hooks.resources import BY_KIND, NIM_SERVICE, Settings

SERVED = BY_KIND
"""The resources by the kind of their parents."""


def controller(without: Collection[str] = (), served: Resource[Any] = NIM_SERVICE) -> Object:
    """Return a CompositeController for a resource, without some kinds such as ``HTTPRoute``."""
    managed = [kind for kind in served.context.CHILDREN if kind.kind not in without]
    return {
        "apiVersion": "metacontroller.k8s.io/v1alpha1",
        "kind": "CompositeController",
        "metadata": {"name": served.path},
        "spec": {
            "parentResource": {
                "apiVersion": served.kind.api_version,
                "resource": served.kind.plural,
                "ignoreStatusChanges": True,
            },
            "generateSelector": True,
            "childResources": [
                {
                    "apiVersion": kind.api_version,
                    "resource": kind.plural,
                    "updateStrategy": {"method": kind.strategy},
                }
                for kind in managed
            ],
            "hooks": {
                hook: {"version": "v2", "webhook": {"url": f"http://hooks/{served.path}/{hook}"}}
                for hook in served.hooks
            },
        },
    }


def controllers(
    without: Collection[str] = (), resources: Iterable[Resource[Any]] | None = None
) -> list[Object]:
    """Return the CompositeControllers of resources, without some kinds.

    Without ``NIMCache`` another operator fills the NIMCaches.
    """
    every = BY_KIND.values() if resources is None else resources
    return [controller(without, each) for each in every if each.kind.kind not in without]


class Hooks:
    """The hooks as a function from path and body to an HTTP answer, with the caller's clock."""

    def __init__(
        self,
        settings: Settings,
        now: Callable[[], datetime],
        resources: Iterable[Resource[Any]] | None = None,
    ) -> None:
        self._settings = settings
        self._now = now
        every = BY_KIND.values() if resources is None else resources
        self._resources = {each.path: each for each in every}

    def __call__(self, path: str, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """Answer a request as the server would, but never ask a model server for its model."""
        name, _, hook = path.partition("?")[0].strip("/").partition("/")
        try:
            answer = resource.call(
                hook, self._resources[name], protocol.decode(body), self._settings, self._now()
            )
            return 200, {}, protocol.encode(answer.body)
        except BadRequest as error:
            return error.status, {}, protocol.encode({"error": str(error)})


def crds() -> list[Object]:
    """Return the CustomResourceDefinitions that come with this release."""
    return [yaml.load(text, Loader=yaml.CSafeLoader) for text in shipped.texts().values()]

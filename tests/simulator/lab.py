"""Lab: a Widget controller with hooks made of lambdas, on an API server in memory."""

import json
from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

from hooks.cluster.api import Object, Resource
from nimservice_simulator.apiserver.garbage import Garbage
from nimservice_simulator.apiserver.server import ApiServer
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.metacontroller.children import Engine
from nimservice_simulator.metacontroller.loop import Metacontroller
from nimservice_simulator.metacontroller.transport import InProcess

WIDGET = Resource("example.com/v1", "Widget", "widgets")
CONFIG_MAP = Resource("v1", "ConfigMap", "configmaps")
DEPLOYMENT = Resource("apps/v1", "Deployment", "deployments")
SERVICE = Resource("v1", "Service", "services")
FINALIZER = "metacontroller.io/compositecontroller-lab"
LAST_APPLIED = "metacontroller.k8s.io/last-applied-configuration"

ANYTHING = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
WIDGETS = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "widgets.example.com"},
    "spec": {
        "group": "example.com",
        "names": {"kind": "Widget", "plural": "widgets"},
        "scope": "Namespaced",
        "versions": [
            {
                "name": "v1",
                "served": True,
                "storage": True,
                "subresources": {"status": {}},
                "schema": {
                    "openAPIV3Schema": {
                        "type": "object",
                        "properties": {"spec": ANYTHING, "status": ANYTHING},
                    }
                },
            }
        ],
    },
}

Answer = Mapping[str, Any] | tuple[int, dict[str, str], bytes]
Hook = Callable[[Object], Answer]


class Lab:
    """A server, a controller and what its hooks were asked."""

    def __init__(
        self,
        sync: Hook | None = None,
        *,
        engine: Engine = "dynamic-apply",
        rules: Mapping[Resource, str] | None = None,
        finalize: Hook | None = None,
        customize: Hook | None = None,
        parent: Mapping[str, Any] | None = None,
        seed: int = 0,
        **spec: Any,
    ) -> None:
        self.clock = VirtualClock()
        self.server = ApiServer(clock=self.clock, crds=[WIDGETS])
        self.hooks = {
            name: hook
            for name, hook in {"sync": sync, "finalize": finalize, "customize": customize}.items()
            if hook
        }
        self.requests: list[tuple[str, Object]] = []
        """Every hook called, with its request."""
        self.controller = {
            "apiVersion": "metacontroller.k8s.io/v1alpha1",
            "kind": "CompositeController",
            "metadata": {"name": "lab"},
            "spec": {
                "parentResource": {
                    "apiVersion": "example.com/v1",
                    "resource": "widgets",
                    **(parent or {}),
                },
                "childResources": [
                    {
                        "apiVersion": kind.api_version,
                        "resource": kind.plural,
                        "updateStrategy": {"method": method},
                    }
                    for kind, method in (rules or {CONFIG_MAP: "InPlace"}).items()
                ],
                "hooks": {
                    name: {"version": "v2", "webhook": {"url": f"http://lab/{name}"}}
                    for name in self.hooks
                },
                "generateSelector": True,
                **spec,
            },
        }
        self.loop = Metacontroller(
            self.server,
            [self.controller],
            InProcess(self._handle),
            clock=self.clock,
            engine=engine,
            seed=seed,
        )
        self.widgets = self.loop.controllers[0]
        self.garbage = Garbage(self.server)

    def widget(self, name: str = "w", **metadata: Any) -> Object:
        """Create a parent."""
        return self.server.create(
            {
                "apiVersion": "example.com/v1",
                "kind": "Widget",
                "metadata": {"name": name, "namespace": "default", **metadata},
                "spec": {},
            }
        )

    def parent(self, name: str = "w") -> Object:
        return self.server.get(WIDGET, "default", name)

    def get(self, name: str, kind: Resource = CONFIG_MAP) -> Object:
        return self.server.get(kind, "default", name)

    def exists(self, name: str, kind: Resource = CONFIG_MAP) -> bool:
        return self.server.exists(kind, "default", name)

    def edit(
        self, name: str, change: Callable[[Object], Any], kind: Resource = CONFIG_MAP
    ) -> Object:
        return self.server.edit(kind, "default", name, change)

    def run(self, limit: int = 200) -> int:
        """Sync until nothing is left to do now; more syncs than the limit are a failure."""
        count = self.loop.run(limit)
        assert count < limit, "the loop does not come to rest"
        return count

    def later(self, seconds: float) -> int:
        """Let time pass and sync."""
        self.clock.advance(seconds)
        return self.run()

    def calls(self, hook: str = "sync") -> int:
        return self.loop.calls[hook]

    def writes(self) -> Counter[tuple[str, str]]:
        """Return what the loop wrote since this was last asked."""
        now = self.loop.api.writes()
        new = now - getattr(self, "_written", Counter())
        self._written = now
        return new

    def writes_of_one_sync(self) -> Counter[tuple[str, str]]:
        """Force one sync of every parent and return what it wrote."""
        self.writes()
        self.loop.informers.deliver()
        self.loop.resync()
        while self.loop.step():
            pass
        return self.writes()

    def _handle(self, path: str, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        name, request = path.strip("/"), json.loads(body)
        self.requests.append((name, request))
        answer = self.hooks[name](request)
        return answer if isinstance(answer, tuple) else (200, {}, json.dumps(answer).encode())


def config_map(name: str, data: Mapping[str, str] | None = None, **metadata: Any) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": {"name": name, **metadata},
        "data": dict(data or {"key": "value"}),
    }


def deployment(name: str, *, image: str = "image:1", **spec: Any) -> Object:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {"labels": {"app": name}},
                "spec": {"containers": [{"name": "main", "image": image}]},
            },
            **spec,
        },
    }


def service(name: str, *ports: Object) -> Object:
    return {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name},
        "spec": {"selector": {"app": name}, "ports": list(ports)},
    }


def returning(*children: Object, **rest: Any) -> Hook:
    """Return a hook that always gives the same answer."""
    return lambda _: {"children": list(children), **rest}


def owned_by(parent: Object, child: Object) -> bool:
    return any(
        owner["uid"] == parent["metadata"]["uid"] and owner["controller"]
        for owner in child["metadata"].get("ownerReferences", [])
    )


def made(engine: Engine, kind: str) -> tuple[str, str]:
    """Return the write by which an engine makes a child."""
    return ("create" if engine == "dynamic-apply" else "apply"), kind

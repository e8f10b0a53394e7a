"""Offline: the hooks called in this process, as an installation with every component would call them."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime

import yaml

from hooks.cluster.api import Object
from hooks.kernel import protocol
from hooks.kernel.crd import shipped
from hooks.kernel.protocol import JSON, BadRequest, HookRequest
from hooks.kernel.settings import Settings
from hooks.nimservice import handlers, kinds

HOOKS = ("sync", "finalize", "customize")


def controller(without: Collection[str] = ()) -> Object:
    """Return a CompositeController that manages every kind but some, named as in a manifest (``HTTPRoute``)."""
    managed = [kind for kind in kinds.MANAGED if kind.kind not in without]
    return {
        "apiVersion": "metacontroller.k8s.io/v1alpha1",
        "kind": "CompositeController",
        "metadata": {"name": "nimservice"},
        "spec": {
            "parentResource": {
                "apiVersion": kinds.NIM_SERVICE.api_version,
                "resource": kinds.NIM_SERVICE.plural,
                "ignoreStatusChanges": True,
            },
            "generateSelector": True,
            "childResources": [
                {"apiVersion": kind.api_version, "resource": kind.plural, "updateStrategy": {"method": kind.strategy}} for kind in managed
            ],
            "hooks": {hook: {"version": "v2", "webhook": {"url": f"http://hooks/nimservice/{hook}"}} for hook in HOOKS},
        },
    }


class Hooks:
    """The hooks as a function from path and body to an HTTP answer, with a clock of the caller's."""

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._settings = settings
        self._now = now

    def __call__(self, path: str, body: bytes) -> tuple[int, Mapping[str, str], bytes]:
        """Answer a request as the server would, but for its HTTP."""
        try:
            return 200, {}, protocol.encode(self._call(path, protocol.decode(body)))
        except BadRequest as error:
            return error.status, {}, protocol.encode({"error": str(error)})

    def _call(self, path: str, request: HookRequest) -> JSON:
        match path.partition("?")[0].rpartition("/")[2]:
            case "customize":
                return handlers.customize(request, self._settings)
            case "finalize":
                return handlers.finalize(request, self._settings, self._now())
            case _:
                return handlers.sync(request, self._settings, self._now(), lambda _: None)


def render(nim: Object, others: Iterable[Object], settings: Settings, *, now: datetime, without: Collection[str] = ()) -> JSON:
    """Return the settled answer for a NIMService of which nothing exists yet.

    What waits for an object that only this answer makes (a LeaderWorkerSet for its Secret) is in it too.
    """
    related: dict[str, dict[str, Object]] = {}
    for other in others:
        related.setdefault(f"{other['kind']}.{other['apiVersion']}", {})[_key(other)] = other
    request = HookRequest(nim, related=related, controller=controller(without))
    answer = handlers.sync(request, settings, now, lambda _: None)
    secrets = {_key(child): child for child in answer["children"] if child["kind"] == kinds.SECRET.kind}
    if not secrets:
        return answer
    observed = HookRequest(nim, {kinds.SECRET.group_key: secrets}, related, request.controller)
    return handlers.sync(observed, settings, now, lambda _: None)


def _key(manifest: Object) -> str:
    return f"{manifest['metadata'].get('namespace') or 'default'}/{manifest['metadata']['name']}"


def crds() -> list[Object]:
    """Return the CustomResourceDefinitions that come with this release."""
    return [yaml.load(text, Loader=yaml.CSafeLoader) for text in shipped.texts().values()]

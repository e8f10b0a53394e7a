"""Together: warnings about valid objects that get into each other's way."""

from collections import defaultdict
from collections.abc import Iterable, Iterator

from hooks.cli import services
from hooks.cli.loaded import Loaded
from hooks.kernel.api.model import without_null
from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON
from hooks.kernel.spelling import nearest
from hooks.nimcache.kinds import NIM_CACHE
from hooks.nimservice.kinds import NIM_SERVICE


def warnings(objects: Iterable[Loaded], namespace: str = "") -> Iterator[tuple[Loaded, Problem]]:
    """Yield what two valid objects of the files both claim, and NIMCaches that are meant otherwise.

    They claim a NIMService, or a Service's name.
    """
    valid = list(objects)
    yield from _made_twice(valid)
    yield from _aliases(valid)
    yield from _caches(valid, namespace)


def _made_twice(objects: Iterable[Loaded]) -> Iterator[tuple[Loaded, Problem]]:
    """Yield each service of a pipeline whose NIMService is also made by another object."""
    makers: defaultdict[tuple[str, str], list[tuple[Loaded, str]]] = defaultdict(list)
    for loaded in objects:
        for path, manifest in services.within(loaded.manifest):
            if manifest["kind"] == NIM_SERVICE.kind:
                metadata = manifest["metadata"]
                key = metadata.get("namespace") or "default", metadata.get("name", "")
                makers[key].append((loaded, path))
    for (_, name), found in makers.items():
        for loaded, path in found:
            other = next((each for each in found if each[0] is not loaded), None)
            if not path and loaded is not found[0][0] and not found[0][1]:
                first = found[0][0].place()
                message = f"{name} is in {first}, too, and the last one wins"
                yield loaded, Problem("metadata.name", message, "remove one of them")
            if path and other:
                does = "makes a NIMService of" if other[1] else "has"
                yield (
                    loaded,
                    Problem(
                        services.path(path, "metadata.name"),
                        f"{other[0].subject} ({other[0].place()}) {does} the name {name}, too",
                        "rename one, because a pipeline takes over no NIMService of others",
                    ),
                )


def _aliases(objects: Iterable[Loaded]) -> Iterator[tuple[Loaded, Problem]]:
    """Yield each object whose second Service has the name of another Service of the files.

    The objects are valid. Services of one namespace share their names.
    """
    names: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    aliases = []
    for loaded in objects:
        for path, manifest in services.within(without_null(loaded.manifest)):
            if manifest["kind"] != NIM_SERVICE.kind:
                continue
            metadata, spec = manifest["metadata"], manifest["spec"]
            namespace, name = metadata.get("namespace") or "default", metadata.get("name", "")
            names[namespace, name].append(name)
            alias = ((spec.get("expose") or {}).get("service") or {}).get("name") or name
            if alias != name:
                names[namespace, alias].append(name)
                aliases.append((loaded, services.path(path, _FIELD), (namespace, alias), name))
    for loaded, path, key, name in aliases:
        others = [each for each in names[key] if each != name]
        if others:
            listed = ", ".join(others[:3]) + (" …" if len(others) > 3 else "")
            yield (
                loaded,
                Problem(
                    path,
                    f"{key[1]} is also the name of a Service of {listed}, so only one gets it",
                    f"remove it and call the model by Service {name}, or choose another name",
                ),
            )


def _caches(objects: list[Loaded], given: str) -> Iterator[tuple[Loaded, Problem]]:
    """Yield each NIMService whose NIMCache the files have by a similar name, or elsewhere.

    A name that resembles none of the files is that of a NIMCache in the cluster.
    """
    caches = [each for each in objects if each.kind == NIM_CACHE.kind]
    namespaces: defaultdict[str, list[str]] = defaultdict(list)
    for cache in caches:
        namespaces[cache.name].append(_namespace(cache.manifest, given))
    for loaded in objects if caches else ():
        for path, manifest in services.within(without_null(loaded.manifest)):
            storage = manifest["spec"].get("storage") or {}
            name = (storage.get("nimCache") or {}).get("name")
            here = _namespace(manifest, given)
            if manifest["kind"] != NIM_SERVICE.kind or not name or here in namespaces.get(name, ()):
                continue
            if others := namespaces.get(name):
                remedy = f"it is in namespace {others[0]}; put both into one"
            else:
                beside = [each for each, found in namespaces.items() if here in found]
                remedy = nearest(name, beside, cutoff=_SIMILAR)
            if remedy:
                message = f"the files have no NIMCache {name} in namespace {here}"
                yield loaded, Problem(services.path(path, _CACHE), message, remedy)


def _namespace(manifest: JSON, given: str) -> str:
    return str(manifest["metadata"].get("namespace") or given or "default")


_CACHE = "spec.storage.nimCache.name"
_SIMILAR = 0.85
"""How much of two names has to be alike: names of models resemble each other."""
_FIELD = "spec.expose.service.name"

"""Volumes: names and paths of the user's volumes that are taken, or lead nowhere."""

import posixpath

from hooks.kernel.crd.structure import Problem
from hooks.kernel.manifest import Manifest
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.validation import reserved


def first(nim: NIMService) -> Problem | None:
    """Return the first name or path that is the hooks', or given twice, or None."""
    names = set(reserved.names(nim))
    for index, given in enumerate(nim.spec.volumes):
        if given["name"] in names:
            return _taken(
                f"spec.volumes[{index}].name", given["name"], "the name of another volume"
            )
        names.add(given["name"])
    served = reserved.paths(nim)
    containers = [("", nim.spec.volume_mounts, served)]
    for path, container in nim.extra_containers:
        taken = reserved.init_paths() if path.startswith("init") else served
        containers.append((f"{path}.", container.volume_mounts, taken))
    mounted = (_mounts(path, mounts, names, taken) for path, mounts, taken in containers)
    return next(filter(None, mounted), None)


def _mounts(
    container: str, mounts: list[Manifest], names: set[str], taken: frozenset[str]
) -> Problem | None:
    """Refuse mounts of volumes that are not there, and paths that are taken."""
    paths = set(taken)
    for index, mount in enumerate(mounts):
        path = f"spec.{container}volumeMounts[{index}]"
        if mount["name"] not in names:
            return Problem(f"{path}.name", "names no volume", "add it to spec.volumes")
        if ":" in mount["mountPath"]:
            return Problem(f"{path}.mountPath", "must not have a colon", "choose another path")
        for field in ("subPath", "subPathExpr"):
            if ".." in mount.get(field, "").split("/"):
                return Problem(f"{path}.{field}", "must stay in the volume", "write it without ..")
        where = posixpath.normpath("/" + mount["mountPath"].lstrip("/"))
        if where in paths:
            return _taken(f"{path}.mountPath", where, "the path of another volume")
        paths.add(where)
    return None


def _taken(path: str, given: str, what: str) -> Problem:
    return Problem(path, f"{given} is {what}", "choose another")

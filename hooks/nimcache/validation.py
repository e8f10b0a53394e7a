"""Validation: specs that pass the schema but allow no download, each with path and remedy.

A definition that was installed by hand may lack the rules, so they are looked at here too. A
NIMService reads caches that break them.
"""

from collections.abc import Iterator

from pydantic import ValidationError

from hooks.kernel.api.container import Container
from hooks.kernel.api.model import without_null
from hooks.kernel.crd.structure import Problem
from hooks.kernel.finding import Finding
from hooks.kernel.quantity import InvalidQuantity, value
from hooks.kernel.security import CERTIFICATES
from hooks.kernel.validation import REASON, identities
from hooks.nimcache import naming
from hooks.nimcache.api import NIMCache
from hooks.nimcache.api.source import ALL, NGC, Repository

_LONGEST_NAME = 63 - len("-probe")  # the name of a Job is a label of its pods


def of(cache: NIMCache) -> Finding | None:
    """Return why a NIMCache cannot be built, or None where it can."""
    found = next(_problems(cache), None)
    return Finding(REASON, found.message, found.remedy, path=found.path) if found else None


def _problems(cache: NIMCache) -> Iterator[Problem]:
    if len(cache.name) > _LONGEST_NAME:
        yield Problem(
            "metadata.name",
            f"has {len(cache.name)} characters, and Jobs are named by it",
            f"use {_LONGEST_NAME} at most",
        )
    yield from _source(cache)
    yield from _claim(cache)
    yield from _amounts(cache)
    given = (("userID", cache.spec.user_id), ("groupID", cache.spec.group_id))
    if found := identities(given):
        yield found
    yield from _containers(cache)
    yield from _variables(cache)


def _source(cache: NIMCache) -> Iterator[Problem]:
    source = cache.spec.source
    if sum(each is not None for each in (source.ngc, source.hf, source.data_store)) != 1:
        yield Problem("spec.source", "must have exactly one of ngc, hf and dataStore", "keep one")
        return
    kind = "ngc" if source.ngc else "hf" if source.hf else "dataStore"
    for field, given in _required(source.ngc, source.hf or source.data_store):
        if not given:
            yield Problem(f"spec.source.{kind}.{field}", "is required", "set it")
    if source.ngc:
        yield from _filters(source.ngc)
    elif (repository := source.repository) and bool(repository.model_name) == bool(
        repository.dataset_name
    ):
        yield Problem(
            f"spec.source.{kind}", "must have exactly one of modelName and datasetName", "keep one"
        )


def _required(ngc: NGC | None, repository: Repository | None) -> Iterator[tuple[str, str]]:
    given = ngc or repository
    if given is None:
        return
    yield "modelPuller", given.model_puller
    yield "authSecret", given.auth_secret
    if repository is not None:
        written = repository.model_dump()
        yield "endpoint", written["endpoint"]
        yield "namespace", written["namespace"]


def _filters(ngc: NGC) -> Iterator[Problem]:
    if ngc.model is not None and ngc.model_endpoint:
        yield Problem(
            "spec.source.ngc", "must not have both model and modelEndpoint", "remove one of them"
        )
    names = ngc.model.profiles if ngc.model else []
    if ALL in names and len(names) > 1:
        yield Problem(
            "spec.source.ngc.model.profiles",
            "must have no other entry where it contains all",
            "keep all alone, or name the profiles",
        )
    if any(name.startswith("-") for name in names):
        yield Problem(
            "spec.source.ngc.model.profiles",
            "must have no name that begins with -, which the download takes for an option",
            "correct it",
        )


def _claim(cache: NIMCache) -> Iterator[Problem]:
    pvc = cache.spec.storage.pvc
    if not pvc.create and not pvc.name:
        yield Problem(
            "spec.storage.pvc.name",
            "is required unless create is true",
            "name the claim that exists, or let one be created",
        )
    if pvc.create and not pvc.size:
        yield Problem(
            "spec.storage.pvc.size",
            "is required to create the claim",
            "set it, for example to 50Gi",
        )
    if pvc.create and pvc.size:
        try:
            if value(pvc.size) > 0:
                return
            problem = "must be greater than 0"
        except InvalidQuantity as error:
            problem = str(error)
        yield Problem("spec.storage.pvc.size", problem, "set it, for example to 50Gi")


def _amounts(cache: NIMCache) -> Iterator[Problem]:
    resources = cache.spec.resources
    for name in ("cpu", "memory"):
        amount = getattr(resources, name) if resources else None
        try:
            if value(0 if amount is None else amount) < 0:
                yield Problem(f"spec.resources.{name}", f"must be 0 or more, is {amount}")
        except InvalidQuantity as error:
            yield Problem(f"spec.resources.{name}", str(error), "correct it")


def _containers(cache: NIMCache) -> Iterator[Problem]:
    taken = {naming.CONTAINER, CERTIFICATES}
    for index, given in enumerate(cache.spec.init_containers):
        path = f"spec.initContainers[{index}]"
        try:
            container = Container.model_validate(without_null(given))
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            yield Problem(
                f"{path}.{where}", first["msg"][0].lower() + first["msg"][1:], "correct it"
            )
            return
        if container.name in taken:
            yield Problem(
                f"{path}.name",
                f"{container.name} is the name of another container",
                "choose another",
            )
        taken.add(container.name)


def _variables(cache: NIMCache) -> Iterator[Problem]:
    for index, variable in enumerate(cache.spec.env):
        if not isinstance(variable.get("name"), str) or not variable["name"]:
            yield Problem(f"spec.env[{index}].name", "is required", "set it")

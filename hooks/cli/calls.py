"""Calls: warnings about services of a pipeline that are off, or that call nobody."""

from collections.abc import Iterator

from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON
from hooks.kernel.spelling import nearest
from hooks.nimpipeline import dependency
from hooks.nimpipeline.api.nimpipeline import NIMPipeline
from hooks.nimpipeline.api.service import Dependency, Service


def advise(manifest: JSON) -> Iterator[Problem]:
    """Yield the warnings about the services of an admitted NIMPipeline."""
    pipeline = NIMPipeline.parse(manifest)
    names = {service.name for service in pipeline.spec.services}
    for index, service in enumerate(pipeline.spec.services):
        here = f"spec.services[{index}]"
        if service.enabled is None:
            yield Problem(f"{here}.enabled", "is absent, so the service is off", "set it")
        variables: dict[str, int] = {}
        for number, each in enumerate(service.dependencies if service.enabled else ()):
            at = f"{here}.dependencies[{number}]"
            yield from _dependency(pipeline, service, each, names, at)
            if each.env_name and (before := variables.get(each.env_name)) is not None:
                yield Problem(
                    f"{at}.envName",
                    f"is also that of dependencies[{before}], and this one wins",
                    "choose another name",
                )
            variables[each.env_name or ""] = number


def _dependency(
    pipeline: NIMPipeline, service: Service, each: Dependency, names: set[str], at: str
) -> Iterator[Problem]:
    if each.name == service.name:
        yield Problem(f"{at}.name", f"is {each.name} itself", "name the service that it calls")
    elif each.name not in names and not each.env_value:
        meant = nearest(each.name, names - {service.name})
        yield Problem(
            f"{at}.name",
            f"{each.name} is no service of this pipeline, so it must be a Service that exists",
            meant or "correct it, unless there is one",
        )
    elif said := dependency.trouble(pipeline, each):
        yield Problem(at, f"nobody answers there: {said}", "correct it, or set envValue")
    if not each.env_name:
        yield Problem(
            f"{at}.envName",
            f"is absent, so {service.name} is not told where {each.name} is",
            "name the variable that it reads",
        )

"""Dependency: the address at which one service of a pipeline calls another.

Only an address that the hooks compose is checked. A value of the user may be anything.
"""

from hooks.kernel.document import JSON
from hooks.kernel.observed import mapping, number, text
from hooks.nimpipeline.api.nimpipeline import NIMPipeline
from hooks.nimpipeline.api.service import Dependency, Service

_PORTS = ("port", "grpcPort", "metricsPort")
_DEFAULT = 8000  # of spec.expose.service.port


def composed(dependency: Dependency) -> bool:
    """Whether the hooks compose the value of a variable."""
    return bool(dependency.env_name) and not dependency.env_value


def address(pipeline: NIMPipeline, dependency: Dependency) -> str:
    """Return ``<Service>:<port>``. A name that no service of the pipeline has names a Service."""
    called = _called(pipeline, dependency)
    name = called and text(_exposed(called).get("name"))
    return f"{name or dependency.name}:{dependency.port}"


def trouble(pipeline: NIMPipeline, dependency: Dependency) -> str | None:
    """Return why nobody answers at a composed address, or None if the pipeline shows no cause."""
    called = _called(pipeline, dependency)
    if called is None or not composed(dependency):
        return None
    if not called.enabled:
        return f"{called.name} is not enabled"
    if (called.spec or {}).get("inferencePlatform") == "kserve":
        return None  # KServe creates the Service
    exposed = _exposed(called)
    ports = {number(exposed.get(key)) for key in _PORTS} | {number(exposed.get("port"), _DEFAULT)}
    if dependency.port in ports:
        return None
    return f"the Service of {called.name} has no port {dependency.port}"


def _called(pipeline: NIMPipeline, dependency: Dependency) -> Service | None:
    return next((each for each in pipeline.spec.services if each.name == dependency.name), None)


def _exposed(service: Service) -> JSON:
    return mapping(mapping((service.spec or {}).get("expose")).get("service"))

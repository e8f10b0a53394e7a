"""Backend: the Services that the deprecated Ingress of a NIMService leads to."""

from collections.abc import Iterator

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, text
from hooks.nimservice import naming
from hooks.nimservice.api.nimservice import NIMService


def of_others(nim: NIMService) -> list[str]:
    """Return the Services of others that the deprecated Ingress leads to."""
    if nim.kserve or not nim.spec.expose.ingress.enabled:
        return []
    named = dict.fromkeys(text(each.get("name")) for _, each in of(nim))
    return [name for name in named if name not in ("", naming.service(nim), naming.alias(nim))]


def of(nim: NIMService) -> Iterator[tuple[str, Manifest]]:
    """Yield the path and the Service of each backend of the deprecated Ingress."""
    spec, above = nim.spec.expose.ingress.spec, "spec.expose.ingress.spec"
    found = [(f"{above}.defaultBackend", mapping(spec.get("defaultBackend")))]
    for index, rule in enumerate(mappings(spec.get("rules"))):
        found += [
            (f"{above}.rules[{index}].http.paths[{number}].backend", mapping(path.get("backend")))
            for number, path in enumerate(mappings(mapping(rule.get("http")).get("paths")))
        ]
    yield from (
        (f"{path}.service", mapping(backend.get("service")))
        for path, backend in found
        if backend.get("service")
    )

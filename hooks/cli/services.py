"""Services: the NIMServices within an object of a file."""

from collections.abc import Iterator

from hooks.kernel.document import JSON
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice.kinds import NIM_SERVICE


def within(manifest: JSON) -> Iterator[tuple[str, JSON]]:
    """Yield an object, and each enabled NIMService in it with the path of its spec."""
    yield "", manifest
    if manifest["kind"] != NIM_PIPELINE.kind:
        return
    spec = manifest.get("spec")
    listed = spec.get("services") if isinstance(spec, dict) else None
    for index, service in enumerate(listed if isinstance(listed, list) else ()):
        if isinstance(service, dict) and service.get("enabled"):
            metadata = {**(manifest.get("metadata") or {}), "name": service.get("name")}
            yield (
                f"spec.services[{index}].spec",
                {
                    "apiVersion": NIM_SERVICE.api_version,
                    "kind": NIM_SERVICE.kind,
                    "metadata": metadata,
                    "spec": service.get("spec") or {},
                },
            )


def path(place: str, field: str) -> str:
    """Return the path of a field in the file's object; a service's name is that of its entry."""
    if not place:
        return field
    if field.startswith("metadata."):
        return place.removesuffix("spec") + field.removeprefix("metadata.")
    return place + field.removeprefix("spec")

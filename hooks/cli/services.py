"""Services: the NIMServices within an object of a file."""

from collections.abc import Iterator
from typing import Any

from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice.kinds import NIM_SERVICE

JSON = dict[str, Any]


def within(manifest: JSON) -> Iterator[tuple[str, JSON]]:
    """Yield an object, and each enabled NIMService in it with the path of its spec."""
    yield "", manifest
    if manifest["kind"] != NIM_PIPELINE.kind:
        return
    for index, service in enumerate((manifest.get("spec") or {}).get("services") or []):
        if service.get("enabled"):
            metadata = {**(manifest.get("metadata") or {}), "name": service["name"]}
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

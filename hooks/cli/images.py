"""Images: what the pods of manifests pull, for a registry that has to have it all."""

from collections.abc import Iterable, Iterator

from hooks.kernel.document import JSON

_CONTAINERS = ("containers", "initContainers")


def named(manifests: Iterable[JSON]) -> list[str]:
    """Return the images of all containers in manifests, whatever the kind, each once, in order."""
    return sorted({image for each in manifests for image in _images(each)})


def _images(document: JSON) -> Iterator[str]:
    """Yield the images below a document: pods are at other places in each kind."""
    if isinstance(document, list):
        for each in document:
            yield from _images(each)
    elif isinstance(document, dict):
        for key, value in document.items():
            if key in _CONTAINERS and isinstance(value, list):
                yield from (each["image"] for each in value if "image" in each)
            else:
                yield from _images(value)

"""Back: returns NIMServices and their unchanged children to NVIDIA's operator."""

from collections.abc import Iterable, Iterator

from hooks.cluster.api import Object, is_deleting
from hooks.kernel import lastapplied
from hooks.kernel.crd import extension, shipped
from hooks.migration import operator
from hooks.migration.plan import Write
from hooks.nimservice import kinds

FINALIZER = "metacontroller.io/compositecontroller-"
"""How the finalizers of Metacontroller begin."""
_NOT_UPDATED = (
    kinds.RESOURCE_CLAIM_TEMPLATE.kind,
    kinds.COMPUTE_DOMAIN.kind,
    kinds.INFERENCE_POOL.kind,
)


def nimservices(everything: Iterable[Object]) -> list[Object]:
    """Return the NIMServices that Metacontroller manages, or that were prepared for it."""
    objects = list(everything)
    found = (each for each in objects if each["kind"] == kinds.NIM_SERVICE.kind)
    return [
        nim
        for nim in found
        if _held(nim) or any(_labelled(child) for child in operator.children(nim, objects))
    ]


def of(nim: Object, everything: Iterable[Object]) -> tuple[list[Write], list[str]]:
    """Return the writes that let the operator recognise its children, and remarks for a person."""
    if is_deleting(nim):
        return [], ["is being deleted; let the hooks finish that first"]
    children = [child for child in operator.children(nim, everything) if _labelled(child)]
    return [*_writes(nim, children)], [*_lost(nim), *_remarks(children)]


def _lost(nim: Object) -> Iterator[str]:
    schema = shipped.schemas()[kinds.NIM_SERVICE.kind]["properties"]["spec"]
    for path in extension.used(schema, nim.get("spec"), "spec"):
        yield f"{path}: NVIDIA's operator ignores it, so its effect is lost at the next edit"


def _writes(nim: Object, children: list[Object]) -> Iterator[Write]:
    for child in children:
        metadata: Object = {
            "labels": {lastapplied.OWNER_LABEL: None, operator.MANAGED_BY: operator.NAME}
        }
        if lastapplied.LAST_APPLIED in (child["metadata"].get("annotations") or {}):
            metadata["annotations"] = {lastapplied.LAST_APPLIED: None}
        yield Write(child, {"metadata": metadata}, f"labels of {operator.NAME}, without the record")
    if left := _held(nim):
        kept = [each for each in operator.finalizers(nim) if each not in left]
        yield Write(
            nim, {"metadata": {"finalizers": kept}}, f"without the finalizer {', '.join(left)}"
        )


def _remarks(children: list[Object]) -> Iterator[str]:
    for child in children:
        known = set(operator.HASHES) & set(child["metadata"].get("annotations") or {})
        if child["kind"] in _NOT_UPDATED and not known:
            yield (
                f"{child['kind']}/{child['metadata']['name']}: the hooks made it, and NVIDIA's "
                "operator cannot update that kind; delete it once the operator runs"
            )
        if child["kind"] == kinds.POD_DISRUPTION_BUDGET.kind:
            yield (
                f"{child['kind']}/{child['metadata']['name']}: NVIDIA's operator does not know it, "
                "so it stays until the NIMService is deleted; delete it if it is to go"
            )
        if child["kind"] == kinds.DEPLOYMENT.kind and child["spec"].get("paused"):
            name, namespace = child["metadata"]["name"], child["metadata"]["namespace"]
            yield (
                f"Deployment/{name} is paused, so edits do not reach its pods; "
                f"run kubectl rollout resume deployment/{name} -n {namespace}"
            )


def _held(nim: Object) -> list[str]:
    return [each for each in operator.finalizers(nim) if each.startswith(FINALIZER)]


def _labelled(child: Object) -> bool:
    return lastapplied.OWNER_LABEL in operator.labels(child)

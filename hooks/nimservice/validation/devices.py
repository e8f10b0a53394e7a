"""Devices: entries of ``spec.draResources`` that cannot be claimed."""

from collections import Counter

from hooks.kernel.crd.structure import Problem
from hooks.nimservice.api.dra import ClaimCreation, DRAResource
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.device import selector


def first(nim: NIMService) -> Problem | None:
    """Return the first entry that cannot be claimed, or None."""
    entries = nim.spec.dra_resources
    named = Counter(entry.resource_claim_name for entry in entries if entry.resource_claim_name)
    for index, entry in enumerate(entries):
        path, name = f"spec.draResources[{index}]", entry.resource_claim_name
        if sum(source is not None for source in _sources(entry)) != 1:
            return Problem(
                path,
                "must have exactly one of resourceClaimName, resourceClaimTemplateName and "
                "claimCreationSpec",
                "keep one of them",
            )
        if name and named[name] > 1:
            return Problem(
                f"{path}.resourceClaimName",
                f"names {name} a second time",
                "list all requests of one claim in its requests",
            )
        if name and (nim.replicas > 1 or nim.autoscaled):
            return Problem(
                f"{path}.resourceClaimName",
                "names a single claim, and several replicas cannot share it",
                "use a template, or one replica",
            )
        if entry.claim_creation_spec and (problem := _selectors(entry.claim_creation_spec)):
            return problem._replace(path=f"{path}.claimCreationSpec.{problem.path}")
    return None


def _sources(entry: DRAResource) -> tuple[object, ...]:
    return entry.resource_claim_name, entry.resource_claim_template_name, entry.claim_creation_spec


def _selectors(creation: ClaimCreation) -> Problem | None:
    for index, device in enumerate(creation.devices):
        if device.cel_expressions and (device.attribute_selectors or device.capacity_selectors):
            return Problem(
                f"devices[{index}].celExpressions",
                "must be absent beside attributeSelectors and capacitySelectors",
                "write all conditions in one form",
            )
        try:
            selector.expressions(device)
        except selector.Unusable as error:
            return Problem(f"devices[{index}].{error.path}", error.message, error.remedy)
    return None

"""Validation: stored services from which no NIMService can be made.

In a list, some rules of NIMService would exceed the API server's cost limit
(``api.service.LEFT_OUT``), so this module checks them. A definition that was installed by hand may
also lack the checks of unique names and of types.
"""

import re
from collections import Counter
from collections.abc import Iterator

from pydantic import ValidationError

from hooks.kernel import validation
from hooks.kernel.crd import shipped, structure
from hooks.kernel.document import JSON
from hooks.kernel.finding import Finding
from hooks.kernel.validation import REASON
from hooks.nimpipeline import dependency, kinds
from hooks.nimpipeline.api.nimpipeline import NIMPipeline
from hooks.nimservice.api import dra, endpointpicker
from hooks.nimservice.api.dra import Device
from hooks.nimservice.api.nimservice import NIMServiceSpec

_HOST = re.compile(r"[a-z0-9]([-a-z0-9.]*[a-z0-9])?")


def of(pipeline: NIMPipeline) -> Finding | None:
    """Return why a pipeline cannot be built, or None if it can."""
    return next(_findings(pipeline), None)


def _findings(pipeline: NIMPipeline) -> Iterator[Finding]:
    counts = Counter(service.name for service in pipeline.spec.services)
    for index, service in enumerate(pipeline.spec.services):
        path = f"spec.services[{index}]"
        if counts[service.name] > 1:
            message = f"{service.name} is the name of {counts[service.name]} services"
            yield Finding(REASON, message, "rename all but one of them", path=f"{path}.name")
        if service.enabled and service.spec is None:
            yield Finding(
                REASON,
                "is required for an enabled service",
                "give it, or set enabled to false",
                path=f"{path}.spec",
            )
        for number, each in enumerate(service.dependencies if service.enabled else ()):
            if dependency.composed(each) and not _HOST.fullmatch(each.name):
                at = f"{path}.dependencies[{number}].name"
                remedy = "correct it, or set envValue"
                yield Finding(REASON, "must be the name of a service or Service", remedy, path=at)
        if found := validation.of_size(service.spec, path=f"{path}.spec"):
            yield found
        elif service.enabled and service.spec is not None:
            yield from _of_spec(service.spec, f"{path}.spec")


def _of_spec(given: JSON, path: str) -> Iterator[Finding]:
    try:
        spec = NIMServiceSpec.model_validate(given)
    except ValidationError as error:
        yield _of_types(given, path, error)
        return
    for index, entry in enumerate(spec.dra_resources):
        devices = entry.claim_creation_spec.devices if entry.claim_creation_spec else []
        for number, device in enumerate(devices):
            at = f"{path}.draResources[{index}].claimCreationSpec.devices[{number}]"
            yield from _of_device(device, at)
    picker = spec.expose.router.epp_config
    if picker and any(not 1 <= port.get("containerPort", 1) <= 65535 for port in picker.ports):
        at = f"{path}.expose.router.eppConfig.ports"
        yield Finding(REASON, endpointpicker.PORTS_IN_RANGE.message, path=at)


def _of_types(given: JSON, path: str, error: ValidationError) -> Finding:
    """Return the finding for wrong types, worded by the schema if it knows the fault."""
    schema = shipped.schemas()[kinds.NIM_SERVICE.kind]["properties"]["spec"]
    if problem := next(structure.check(given, schema, path), None):
        return Finding(REASON, problem.message, problem.remedy, path=problem.path)
    first = error.errors(include_url=False, include_input=False)[0]
    field = "".join(f"[{at}]" if isinstance(at, int) else f".{at}" for at in first["loc"])
    return Finding(REASON, first["msg"], "correct it", path=path + field)


def _of_device(device: Device, path: str) -> Iterator[Finding]:
    for index, selector in enumerate(device.attribute_selectors):
        version = selector.value.version_value
        if version is not None and not re.fullmatch(dra.SEMVER, version, re.ASCII):
            at = f"{path}.attributeSelectors[{index}].value.versionValue"
            yield Finding(REASON, dra.VERSION.message, path=at)
    for selectors in (device.attribute_selectors, device.capacity_selectors):
        keys = [each.key.removeprefix(f"{device.driver_name}/") for each in selectors]
        if len(keys) > len({*keys}):
            yield Finding(REASON, dra.ONE_CONDITION_A_KEY.message, path=path)

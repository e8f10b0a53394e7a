"""Device claim: the claims on devices that every pod of a NIMService makes (Dynamic Resource Allocation)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.api.multinode import ComputeDomain
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore import Blocked

_CLAIM, _TEMPLATE, _CHANNEL = 0, 1, 2  # what stands for the source in the name of a pod's claim


class DeviceClaim(NamedTuple):
    """A claim of a pod."""

    name: str
    """Name within the pod."""
    source: Literal["resourceClaimName", "resourceClaimTemplateName"]
    """Whether all pods share a ResourceClaim, or each gets one from a ResourceClaimTemplate."""
    resource: str
    """Name of the ResourceClaim or ResourceClaimTemplate."""
    requests: tuple[str, ...] = ()
    """Requests of the claim that the containers use; none for the whole claim."""


def compute_domain(nim: NIMService) -> ComputeDomain | None:
    """Return which ComputeDomain the pods share; a pod that runs the model alone needs none."""
    return nim.multi_node.compute_domain if nim.multi_node else None


def named_domain(nim: NIMService) -> str | None:
    """Return the name of the ComputeDomain that exists without the NIMService, or None where it needs none."""
    domain = compute_domain(nim)
    return domain.name if domain and not domain.create else None


def of(nim: NIMService, domain: Manifest | None) -> tuple[DeviceClaim, ...]:
    """Return the claims of a pod, in the order of ``spec.draResources``, that on the ComputeDomain's channel last.

    Args:
        nim: the NIMService.
        domain: the ComputeDomain that it names, as observed; what is not there cannot be claimed.
    """
    used: Counter[str] = Counter()
    claims = []
    for source, resource, requests in (*_asked(nim), *_channel(nim, domain)):
        name = naming.pod_claim(nim, source, resource)
        field: Literal["resourceClaimName", "resourceClaimTemplateName"]
        field = "resourceClaimName" if source == _CLAIM else "resourceClaimTemplateName"
        claims.append(DeviceClaim(f"{name}-{used[name]}", field, resource, requests))
        used[name] += 1
    return tuple(claims)


def missing(
    nim: NIMService,
    claims: Mapping[str, Manifest] | None,
    domain: Manifest | None,
    *,
    domains: bool,
) -> Blocked | None:
    """Return why no pod can be made, or None where everything that it claims is there.

    Args:
        nim: the NIMService.
        claims: the ResourceClaims of its namespace by ``namespace/name``; None where they are not read.
        domain: the ComputeDomain that it names, as observed.
        domains: whether ComputeDomains are read.
    """
    return _missing_claim(nim, claims) or _missing_domain(nim, domain, domains=domains)


def _asked(nim: NIMService) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    for index, entry in enumerate(nim.spec.dra_resources):
        requests = tuple(dict.fromkeys(entry.requests))
        if entry.resource_claim_name:
            yield _CLAIM, entry.resource_claim_name, requests
        else:
            yield (
                _TEMPLATE,
                entry.resource_claim_template_name or naming.claim_template(nim, index),
                requests,
            )


def _channel(
    nim: NIMService, domain: Manifest | None
) -> Iterator[tuple[int, str, tuple[str, ...]]]:
    wanted = compute_domain(nim)
    if wanted is None:
        return
    template = naming.channel_template(nim) if wanted.create else _channel_template(domain)
    if template:
        yield _CHANNEL, template, ()


def _channel_template(domain: Manifest | None) -> str | None:
    """Return the template of a ComputeDomain's channel; one without a channel has none (Q36)."""
    channel = ((domain or {}).get("spec") or {}).get("channel") or {}
    return (channel.get("resourceClaimTemplate") or {}).get("name") or None


def _missing_claim(nim: NIMService, claims: Mapping[str, Manifest] | None) -> Blocked | None:
    for index, entry in enumerate(nim.spec.dra_resources):
        name = entry.resource_claim_name
        if name and claims is not None and f"{nim.namespace}/{name}" not in claims:
            where = f"spec.draResources[{index}].resourceClaimName"
            return Blocked(
                Finding(
                    "ResourceClaimNotFound",
                    f"{where}: ResourceClaim {name} not found: create it in namespace {nim.namespace}",
                )
            )
    return None


def _missing_domain(nim: NIMService, domain: Manifest | None, *, domains: bool) -> Blocked | None:
    name = named_domain(nim)
    if name is None or _channel_template(domain):
        return None
    if not domains:
        cause = f"ComputeDomain {name} is named, but this installation does not read ComputeDomains: add the component computedomain"
        return Blocked(Finding("KindNotManaged", cause), failed=True)
    if domain is None:
        where = "spec.multiNode.computeDomain.name"
        return Blocked(
            Finding(
                "ComputeDomainNotFound",
                f"{where}: ComputeDomain {name} not found: create it in namespace {nim.namespace}",
            )
        )
    cause = f"ComputeDomain {name} has no spec.channel.resourceClaimTemplate, which the pods claim: make it again with a channel"
    return Blocked(Finding("ComputeDomainWithoutChannel", cause), failed=True)

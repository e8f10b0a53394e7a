"""Device claim: the device claims of every pod of a NIMService (Dynamic Resource Allocation)."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Literal, NamedTuple

from hooks.kernel import strict
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.nimservice import naming
from hooks.nimservice.api.multinode import ComputeDomain
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.modelstore import Blocked

_CLAIM, _TEMPLATE, _CHANNEL = 0, 1, 2  # the number of the source in the name of a pod's claim
_DOMAIN = "spec.multiNode.computeDomain.name"


class DeviceClaim(NamedTuple):
    """A claim of a pod."""

    name: str
    """Name within the pod."""
    source: Literal["resourceClaimName", "resourceClaimTemplateName"]
    """A ResourceClaim that all pods share, or a ResourceClaimTemplate for one claim per pod."""
    resource: str
    """Name of the ResourceClaim or ResourceClaimTemplate."""
    requests: tuple[str, ...] = ()
    """The requests of the claim that the containers use; empty for the whole claim."""


def compute_domain(nim: NIMService) -> ComputeDomain | None:
    """Return the ComputeDomain that the pods share; a model on one node needs none."""
    return nim.multi_node.compute_domain if nim.multi_node else None


def named_domain(nim: NIMService) -> str | None:
    """Return the name of the existing ComputeDomain that the NIMService uses, or None."""
    domain = compute_domain(nim)
    return domain.name if domain and not domain.create else None


def of(nim: NIMService, domain: Manifest | None) -> tuple[DeviceClaim, ...]:
    """Return the claims of a pod, in the order of ``spec.draResources``, the channel's last.

    Args:
        nim: the NIMService.
        domain: the observed ComputeDomain that it names; without it, no channel can be claimed.
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
    """Return why no pod can be made, or None if everything that it claims exists.

    Args:
        nim: the NIMService.
        claims: the ResourceClaims of its namespace by ``namespace/name``; None if not read.
        domain: the observed ComputeDomain that it names.
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
    desired = compute_domain(nim)
    if desired is None:
        return
    template = naming.channel_template(nim) if desired.create else _channel_template(domain)
    if template:
        yield _CHANNEL, template, ()


def _channel_template(domain: Manifest | None) -> str | None:
    """Return the template of a ComputeDomain's channel, or None without a channel (Q36)."""
    if domain is None:
        return None
    return strict.text(domain, "spec", "channel", "resourceClaimTemplate", "name") or None


def _missing_claim(nim: NIMService, claims: Mapping[str, Manifest] | None) -> Blocked | None:
    for index, entry in enumerate(nim.spec.dra_resources):
        name = entry.resource_claim_name
        if name and claims is not None and f"{nim.namespace}/{name}" not in claims:
            return Blocked(
                Finding(
                    "ResourceClaimNotFound",
                    f"ResourceClaim {name} does not exist",
                    f"create it in namespace {nim.namespace}",
                    path=f"spec.draResources[{index}].resourceClaimName",
                )
            )
    return None


def _missing_domain(nim: NIMService, domain: Manifest | None, *, domains: bool) -> Blocked | None:
    name = named_domain(nim)
    if name is None or _channel_template(domain):
        return None
    if not domains:
        return Blocked(
            Finding(
                "KindNotManaged",
                f"names ComputeDomain {name}, but this installation does not read ComputeDomains",
                "add the component computedomain",
                path=_DOMAIN,
            ),
            failed=True,
        )
    if domain is None:
        return Blocked(
            Finding(
                "ComputeDomainNotFound",
                f"ComputeDomain {name} does not exist",
                f"create it in namespace {nim.namespace}",
                path=_DOMAIN,
            )
        )
    return Blocked(
        Finding(
            "ComputeDomainWithoutChannel",
            f"ComputeDomain {name} has no spec.channel.resourceClaimTemplate, "
            "which the pods would claim",
            "create it again with a channel",
        ),
        failed=True,
    )

"""Platform: what several nodes, or KServe, cannot run."""

import re

from hooks.kernel.crd.structure import Problem
from hooks.nimservice import hostfile
from hooks.nimservice.api import kserve
from hooks.nimservice.api.nimservice import NIMService


def first(nim: NIMService) -> Problem | None:
    """Return why the platform cannot run a spec, or None."""
    return _multi_node(nim) or _kserve(nim)


def _multi_node(nim: NIMService) -> Problem | None:
    multi = nim.multi_node
    if multi is None:
        return None
    if nim.autoscaled:
        return Problem(
            "spec.scale.enabled", "must be false beside spec.multiNode", "set spec.replicas"
        )
    if multi.mpi and multi.ray:
        return Problem("spec.multiNode.mpi", "must be absent beside ray", "remove one of them")
    if multi.ray is None and nim.replicas > (most := hostfile.most_groups(nim, multi)):
        return Problem(
            "spec.replicas",
            f"a ConfigMap has no room for the hostfiles of {nim.replicas} groups of "
            f"{multi.pipeline} pods",
            f"set it to at most {most}, or use spec.multiNode.ray",
        )
    service = nim.spec.expose.service
    if multi.ray and multi.ray.ray_port in (service.port, service.grpc_port, service.metrics_port):
        return Problem(
            "spec.multiNode.ray.rayPort",
            f"{multi.ray.ray_port} is already a port of spec.expose.service",
            "choose another",
        )
    domain = multi.compute_domain
    if domain and bool(domain.create) == bool(domain.name):
        return Problem(
            "spec.multiNode.computeDomain",
            "must have exactly one of create and name",
            "keep one of them",
        )
    return None


def _kserve(nim: NIMService) -> Problem | None:
    if not nim.kserve:
        return None
    if nim.spec.multi_node:
        return Problem(
            "spec.multiNode",
            "must be absent on KServe, which runs a replica on one node",
            "remove it, or set spec.inferencePlatform to standalone",
        )
    if not _KSERVE_NAME.fullmatch(nim.name):
        return Problem(
            "metadata.name",
            f"{nim.name} is not a valid name of an InferenceService",
            "use lower-case letters, digits and '-', a letter first",
        )
    if (
        len(nim.name) > _KSERVE_LONGEST
        and nim.spec.annotations.get(kserve.DEPLOYMENT_MODE) not in kserve.KNATIVE_MODES
    ):
        return Problem(
            "metadata.name",
            f"has {len(nim.name)} characters, too many for KServe's label isvc.<name>-predictor",
            f"use at most {_KSERVE_LONGEST}",
        )
    modes = (*kserve.STANDARD_MODES, *kserve.KNATIVE_MODES)
    asked = nim.spec.annotations.get(kserve.DEPLOYMENT_MODE)
    if asked and asked not in modes:
        return Problem(
            f"spec.annotations[{kserve.DEPLOYMENT_MODE}]",
            f"{asked} is not a mode that runs your own containers",
            f"use one of {', '.join(modes)}",
        )
    return None


_KSERVE_NAME = re.compile("[a-z]([-a-z0-9]*[a-z0-9])?")
"""What KServe's webhook admits."""

_KSERVE_LONGEST = 63 - len("isvc.-predictor")  # a label has 63 characters

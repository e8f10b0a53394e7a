"""Template: the pods that run the model, for a Deployment, a leader, a worker and KServe alike."""

from dataclasses import dataclass, field, replace

from hooks.kernel import manifest
from hooks.kernel.manifest import Manifest, env_var, merge_by_name, toleration
from hooks.kernel.security import LAST_WORDS
from hooks.nimservice import naming
from hooks.nimservice.api.container import ExtraContainer
from hooks.nimservice.children.template import (
    claim,
    environment,
    given,
    probe,
    resource,
    security,
    volume,
)
from hooks.nimservice.context import Context
from hooks.nimservice.modelstore import ModelStore


@dataclass(frozen=True)
class Role:
    """What differs between pods: a replica on one node, a leader, a worker, a predictor."""

    container: str
    """Name of the model server's container."""
    env: list[Manifest] = field(default_factory=list)
    """Variables of this role; the user's override them."""
    args: list[str] | None = None
    """Arguments of the model server instead of the user's; None for the user's."""
    ports: list[Manifest] | None = None
    """Ports of the model server; None for those that the NIMService exposes."""
    probes: Manifest | None = None
    """Probes of the model server; None for those of a pod that answers requests."""
    mounts: list[Manifest] = field(default_factory=list)
    """Further mounts of the model server and its sidecars."""
    volumes: list[Manifest] = field(default_factory=list)
    """Further volumes."""


def spec(ctx: Context, store: ModelStore, role: Role) -> Manifest:
    """Return the spec of a pod that runs the model."""
    nim, claims = ctx.nim, ctx.device_claims
    role = replace(role, env=[env_var(each) for each in role.env])
    server = _server(ctx, store, role)
    shared = volume.mounts(nim, store, role.mounts)
    sidecars = [_beside(ctx, store, role, each, shared) for each in nim.spec.sidecar_containers]
    return {
        "schedulerName": nim.spec.scheduler_name or None,
        "priorityClassName": nim.spec.priority_class_name or None,
        "runtimeClassName": nim.spec.runtime_class_name or None,
        "serviceAccountName": naming.service_account(nim),
        # Knative refuses true, which is the default.
        "automountServiceAccountToken": None if naming.gets_token(nim) else False,
        "affinity": _affinity(ctx),
        "nodeSelector": nim.spec.node_selector or None,
        "tolerations": [toleration(each) for each in nim.spec.tolerations],
        "topologySpreadConstraints": _spread(ctx),
        "terminationGracePeriodSeconds": nim.spec.termination_grace_period_seconds,
        "imagePullSecrets": [{"name": name} for name in _pull_secrets(ctx)],
        "securityContext": security.pod(nim),
        "initContainers": _init(ctx, store, role),
        "containers": [claim.used(each, claims) for each in (server, *sidecars)],
        "resourceClaims": claim.entries(claims),
        "volumes": [
            *volume.volumes(nim, store),
            *role.volumes,
            *map(given.volume, nim.spec.volumes),
        ],
    }


def metadata(ctx: Context, app: str, labels: dict[str, str] | None = None) -> Manifest:
    """Return the metadata of a pod template."""
    return {
        "labels": {**naming.pod_labels(ctx.nim, app), **(labels or {})},
        "annotations": annotations(ctx),
    }


def annotations(ctx: Context) -> dict[str, str] | None:
    """Return the annotations of a pod: the user's, and on OpenShift the required SCC."""
    return {**ctx.nim.spec.annotations, **security.annotations(ctx)} or None


def ports(ctx: Context) -> list[Manifest]:
    """Return the container ports that the NIMService exposes."""
    return [
        {"name": name, "containerPort": number, "protocol": "TCP"}
        for name, number in naming.ports(ctx.nim).items()
    ]


def _server(ctx: Context, store: ModelStore, role: Role) -> Manifest:
    nim = ctx.nim
    return {
        "name": role.container,
        "image": nim.spec.image.reference,
        "imagePullPolicy": nim.spec.image.policy,
        "command": nim.spec.command,
        "args": nim.spec.args if role.args is None else role.args,
        "env": environment.of(ctx, store, role.env),
        "resources": resource.requirements(nim, store),
        "ports": ports(ctx) if role.ports is None else role.ports,
        **(probe.of(nim) if role.probes is None else role.probes),
        "lifecycle": nim.spec.lifecycle or None,
        "securityContext": security.container(ctx),
        "terminationMessagePolicy": LAST_WORDS,
        "volumeMounts": [
            *volume.mounts(nim, store, role.mounts),
            *map(given.mount, nim.spec.volume_mounts),
        ],
    }


def _init(ctx: Context, store: ModelStore, role: Role) -> list[Manifest]:
    mounts = volume.init_mounts(ctx.nim, store)
    certificates = [
        {**each, "env": environment.of(ctx, store, role.env), "volumeMounts": mounts}
        for each in security.certificate_containers(ctx)
    ]
    return [
        *certificates,
        *(_beside(ctx, store, role, each, mounts) for each in ctx.nim.spec.init_containers),
    ]


def _beside(
    ctx: Context,
    store: ModelStore,
    role: Role,
    container: ExtraContainer,
    mounts: list[Manifest],
) -> Manifest:
    """Return a user's container: it has the model server's variables, overridden by its own.

    Args:
        ctx: the context.
        store: the model store.
        role: the role of the pod.
        container: what the user says of it.
        mounts: the mounts that it has besides its own.
    """
    probes = {
        "livenessProbe": container.liveness_probe,
        "readinessProbe": container.readiness_probe,
        "startupProbe": container.startup_probe,
    }
    return {
        "name": container.name,
        "image": container.image.reference,
        "imagePullPolicy": container.image.pull_policy
        or ctx.nim.spec.image.pull_policy
        or container.image.policy,
        "command": container.command,
        "args": container.args,
        "workingDir": container.working_dir or None,
        "env": merge_by_name(
            environment.of(ctx, store, role.env), (env_var(each) for each in container.env)
        ),
        "resources": resource.given(container.resources),
        "ports": container.ports,
        "restartPolicy": container.restart_policy,
        **{name: probe and manifest.probe(probe) for name, probe in probes.items()},
        "securityContext": security.container(ctx, container.security_context),
        "terminationMessagePolicy": LAST_WORDS,
        "volumeMounts": [*mounts, *map(given.mount, container.volume_mounts)],
    }


def _spread(ctx: Context) -> list[Manifest]:
    """Return how the pods spread, by default among themselves: no selector would match no pod."""
    nim = ctx.nim
    among = naming.selector(nim) if nim.kserve else {"app": ctx.workload_name}
    return [
        {"labelSelector": {"matchLabels": among}, **each}
        for each in nim.spec.topology_spread_constraints
    ]


def _affinity(ctx: Context) -> Manifest | None:
    """Return the user's affinity; the deprecated ``podAffinity`` fills in a missing one."""
    affinity = dict(ctx.nim.spec.affinity or {})
    if ctx.nim.spec.pod_affinity:
        affinity.setdefault("podAffinity", ctx.nim.spec.pod_affinity)
    return affinity or None


def _pull_secrets(ctx: Context) -> list[str]:
    """Return the names of the pull secrets of all containers, each once."""
    images = [ctx.nim.spec.image, *(each.image for _, each in ctx.nim.extra_containers)]
    return list(dict.fromkeys(name for image in images for name in image.pull_secrets if name))

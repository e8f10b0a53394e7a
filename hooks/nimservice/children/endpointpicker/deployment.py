"""Deployment: runs the endpoint picker."""

from hooks.kernel import manifest as manifests
from hooks.kernel.api.kubernetes import Probe
from hooks.kernel.manifest import Manifest, env_var, merge_by_name
from hooks.kernel.security import LAST_WORDS
from hooks.nimservice import naming
from hooks.nimservice.api.endpointpicker import EndpointPicker
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.children.endpointpicker import configuration, port
from hooks.nimservice.children.endpointpicker.configuration import Configuration
from hooks.nimservice.children.template import security
from hooks.nimservice.context import Context

_VOLUME, _FOLDER = "epp-config", "/config"


def manifest(ctx: Context, picker: EndpointPicker, config: Configuration) -> Manifest:
    """Return the picker's Deployment."""
    nim, name = ctx.nim, naming.endpoint_picker(ctx.nim)
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": naming.metadata(nim, name, labels=naming.labels(nim)),
        "spec": {
            # A picker tracks the requests that it routes. Two pickers would each know half of them.
            "replicas": 1,
            "strategy": {
                "type": "RollingUpdate",
                "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": 0},
            },
            "selector": {"matchLabels": {"app": name}},
            "template": {
                "metadata": {
                    "labels": naming.pod_labels(nim, name),
                    "annotations": _annotations(ctx, config),
                },
                "spec": {
                    "serviceAccountName": name,
                    "terminationGracePeriodSeconds": picker.termination_grace_period_seconds,
                    "imagePullSecrets": [{"name": secret} for secret in _pull_secrets(nim, picker)],
                    "containers": [_container(ctx, picker, config)],
                    "volumes": [
                        {
                            "name": _VOLUME,
                            "configMap": {"name": config.config_map, "optional": config.optional},
                        }
                    ],
                },
            },
        },
    }


def _container(ctx: Context, picker: EndpointPicker, config: Configuration) -> Manifest:
    given = picker.container_spec
    return {
        "name": given.name,
        "image": given.image.reference,
        "imagePullPolicy": given.image.pull_policy
        or ctx.nim.spec.image.pull_policy
        or given.image.policy,
        "command": given.command,
        "args": given.args or _arguments(ctx.nim, picker, config),
        "workingDir": given.working_dir or None,
        "env": merge_by_name(env_var(each) for each in given.env),
        "ports": port.declared(picker),
        "readinessProbe": _probe(picker, picker.readiness_probe),
        "livenessProbe": _probe(picker, picker.liveness_probe),
        "startupProbe": manifests.probe(picker.startup_probe) if picker.startup_probe else None,
        "securityContext": {**security.confined(ctx), "runAsNonRoot": True},
        "terminationMessagePolicy": LAST_WORDS,
        "volumeMounts": [{"name": _VOLUME, "mountPath": _FOLDER, "readOnly": True}],
    }


def _arguments(nim: NIMService, picker: EndpointPicker, config: Configuration) -> list[str]:
    """Return the default arguments of a picker, with flags for ports that differ from its own."""
    flags = {
        "--pool-name": nim.name,
        "--pool-namespace": nim.namespace,
        "--pool-group": "inference.networking.k8s.io",
        "--zap-encoder": "json",
        "--config-file": f"{_FOLDER}/{config.key}",
        "--v": "6",
        "--model-server-metrics-path": "/v1/metrics",
    }
    numbers = {purpose: port.number(picker, purpose) for purpose in port.PURPOSES}
    flags |= {
        purpose.flag: str(number) for purpose, number in numbers.items() if number != purpose.number
    }
    return [part for flag in flags.items() for part in flag]


def _probe(picker: EndpointPicker, given: Probe | None) -> Manifest:
    asked = given or {
        "grpc": {"port": port.number(picker, port.HEALTH)},
        "initialDelaySeconds": 5,
        "periodSeconds": 10,
    }
    return manifests.probe(asked)


def _annotations(ctx: Context, config: Configuration) -> dict[str, str] | None:
    revision = configuration.revision(ctx, config)
    return {configuration.REVISION: revision} if revision else None


def _pull_secrets(nim: NIMService, picker: EndpointPicker) -> list[str]:
    """Return the picker's own pull secrets, then the model's, each once."""
    secrets = (*picker.container_spec.image.pull_secrets, *nim.spec.image.pull_secrets)
    return list(dict.fromkeys(secret for secret in secrets if secret))

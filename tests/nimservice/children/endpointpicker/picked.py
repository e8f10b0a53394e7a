"""Picked: a NIMService with an endpoint picker, and the children of that."""

from hooks.nimservice import kinds
from hooks.nimservice.children import endpointpicker
from tests.situations import nimservice as situation
from tests.situations import stored

IMAGE = {"repository": "registry.k8s.io/gateway-api-inference-extension/epp", "tag": "v1.3.1"}
CONFIG = {
    "plugins": [{"type": "queue-scorer"}],
    "schedulingProfiles": [{"name": "default", "plugins": [{"pluginRef": "queue-scorer"}]}],
}


def expose(container=(), **picker):
    given = {
        "containerSpec": {"name": "epp", "image": IMAGE, **dict(container)},
        **({"config": CONFIG} | picker),
    }
    return {
        "router": {"eppConfig": {key: value for key, value in given.items() if value is not None}}
    }


ROUTED = {
    "router": {"gateway": {"name": "public", "namespace": "infra"}, **expose()["router"]},
}
"""What ``spec.expose`` says of a picker behind a gateway."""


def picked(children=(), manages=kinds.MANAGED, container=(), spec=(), **picker):
    ctx = situation.context(
        children, manages=manages, expose=expose(container, **picker), **dict(spec)
    )
    return {child["kind"]: child for child in stored.built(endpointpicker, ctx)}


def container(**options):
    return picked(**options)["Deployment"]["spec"]["template"]["spec"]["containers"][0]

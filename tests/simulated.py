"""Simulated: NIMServices with the hooks of this checkout under the simulated Metacontroller."""

import copy
import json
from functools import cache

from hooks.cluster.api import Resource
from hooks.nimservice.api import kserve
from hooks.preview import installation
from hooks.resources import Settings
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.metacontroller.transport import InProcess
from nimservice_simulator.simulation import Simulation

NOT_COPYING = {
    "apiVersion": "v1",
    "kind": "ConfigMap",
    "metadata": {"name": kserve.CONFIG_MAP, "namespace": "kserve"},
    "data": {
        kserve.CONFIG_KEY: json.dumps({kserve.ANNOTATIONS_NOT_COPIED: list(kserve.RECORDS)}),
    },
}
"""KServe's configuration as our documentation asks for it."""


@cache
def definitions():
    return list(installation.crds())


def simulation(objects, engine, *, settings=None, without=(), selector=None):
    """Return a cluster with objects; the controllers select parents by labels where asked."""
    controllers = copy.deepcopy(installation.controllers((*without, "NIMCache")))
    for each in controllers if selector else []:
        each["spec"]["parentResource"]["labelSelector"] = selector
    clock = VirtualClock()
    hooks = InProcess(installation.Hooks(settings or Settings(), clock.now))
    return Simulation(
        objects,
        controllers=controllers,
        transport=hooks,
        engine=engine,
        crds=definitions(),
        clock=clock,
    )


def played(engine, *objects, **options):
    """Return a cluster in which objects were applied one after the other."""
    cluster = simulation((), engine, **options)
    for each in objects:
        cluster.put(copy.deepcopy(each))
        cluster.settle()
    return cluster


def stored(manifest, *keys):
    """Return an object as a user has it, with its status where that is given."""
    metadata = {key: manifest["metadata"][key] for key in ("name", "namespace")}
    return {
        "metadata": metadata,
        **{key: manifest[key] for key in ("apiVersion", "kind", "spec", *keys) if key in manifest},
    }


def assert_rests(cluster):
    cluster.settle()
    assert cluster.warnings == []
    assert dict(cluster.writes_at_rest()) == {}


def workload(cluster):
    (found,) = [each for each in cluster.server.everything() if each["kind"] == "Deployment"]
    return copy.deepcopy(found)


def resource(kind):
    return Resource(kind.api_version, kind.kind, kind.plural)

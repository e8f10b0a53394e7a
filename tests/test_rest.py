"""Rest: under the stand-in for Metacontroller, NIMServices settle, and then nothing is written any more, on both engines."""

import copy
import json
from functools import cache

import pytest

from hooks.cluster.api import Resource
from hooks.nimservice import kinds
from hooks.preview import installation
from hooks.resources import Settings
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.metacontroller.children import ENGINES
from nimservice_simulator.metacontroller.loop import Metacontroller
from nimservice_simulator.metacontroller.transport import InProcess
from nimservice_simulator.simulation import Simulation
from tests.situations import nimservice as situation
from tests.situations.nimcache import nimcache
from tests.test_cases import CASES, FOLDERS, settings_of

SYNCS = [folder for folder in FOLDERS if folder.parent.name == "sync"]
FEATURES = {
    "plain": {},
    "three replicas": {"replicas": 3},
    "stopped": {"replicas": 0},
    "amounts in odd forms": {
        "resources": {
            "requests": {"cpu": "1000m", "memory": "0.05Gi"},
            "limits": {"nvidia.com/gpu": 1, "memory": "8192Mi"},
        },
        "storage": {"emptyDir": {"sizeLimit": "102400Mi"}, "sharedMemorySizeLimit": "1e9"},
        "env": [
            {
                "name": "M",
                "valueFrom": {
                    "resourceFieldRef": {"resource": "limits.memory", "divisor": "1024Ki"}
                },
            }
        ],
    },
    "empty and zero values": {
        "env": [{"name": "EMPTY", "value": ""}],
        "tolerations": [
            {
                "key": "gpu",
                "operator": "Exists",
                "value": "",
                "effect": "NoExecute",
                "tolerationSeconds": 0,
            }
        ],
        "labels": {},
        "nodeSelector": {"nvidia.com/gpu.present": "true"},
        "livenessProbe": {
            "probe": {"httpGet": {"path": "/x", "port": "api"}, "initialDelaySeconds": 0}
        },
        "readinessProbe": {"probe": {"grpc": {"port": 9000}}},
        "userID": 0,
    },
    "autoscaled": {
        "scale": {
            "enabled": True,
            "hpa": {
                "minReplicas": 2,
                "maxReplicas": 4,
                "metrics": [
                    {
                        "type": "Pods",
                        "pods": {
                            "metric": {"name": "q"},
                            "target": {"type": "AverageValue", "averageValue": "1000m"},
                        },
                    }
                ],
                "behavior": {"scaleDown": {"stabilizationWindowSeconds": 60}},
            },
        }
    },
    "autoscaled by default": {"scale": {"enabled": True, "hpa": {"maxReplicas": 4}}},
    "routed": {
        "expose": {
            "service": {
                "port": 9000,
                "grpcPort": 9001,
                "metricsPort": 9002,
                "type": "LoadBalancer",
                "name": "chat",
            },
            "router": {
                "hostDomainName": "example.com",
                "gateway": {"namespace": "gw", "name": "gw", "grpcRoutesEnabled": True},
            },
        },
        "metrics": {"enabled": True, "serviceMonitor": {"interval": "30s"}},
    },
    "behind an Ingress": {
        "expose": {
            "router": {
                "hostDomainName": "example.com",
                "ingress": {"ingressClass": "nginx", "tlsSecretName": "tls"},
            }
        }
    },
    "with certificates and helpers": {
        "proxy": {"httpsProxy": "http://proxy:3128", "certConfigMap": "ca"},
        "initContainers": [
            {"name": "first", "image": {"repository": "busybox", "tag": "1"}, "command": ["true"]}
        ],
        "sidecarContainers": [
            {
                "name": "side",
                "image": {"repository": "busybox", "tag": "1"},
                "env": [{"name": "A", "value": "1"}],
            }
        ],
    },
    "a claim of its own": {"storage": {"pvc": {"create": True, "size": "51200Mi"}}},
    "from a directory of the node": {"storage": {"hostPath": "/models", "readOnly": True}},
}


@cache
def definitions():
    return list(installation.crds())


def simulation(objects, engine, *, settings=None, without=()):
    clock = VirtualClock()
    hooks = InProcess(installation.Hooks(settings or Settings(), clock.now))
    return Simulation(
        objects,
        controllers=installation.controllers(without),
        transport=hooks,
        engine=engine,
        crds=definitions(),
        clock=clock,
    )


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


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("spec", FEATURES.values(), ids=FEATURES)
def test_a_nimservice_settles_and_then_nothing_is_written(spec, engine):
    cluster = simulation([stored(situation.nimservice(**spec))], engine)
    assert_rests(cluster)
    assert cluster.get(kinds.NIM_SERVICE)["status"]["state"] == "Ready"


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("folder", SYNCS, ids=lambda folder: folder.name)
def test_every_case_settles(folder, engine):
    request = json.loads((CASES / "nimservice" / "sync" / folder.name / "request.json").read_text())
    rules = {
        (rule["apiVersion"], rule["resource"])
        for rule in request["controller"]["spec"]["childResources"]
    }
    without = [kind.kind for kind in kinds.MANAGED if (kind.api_version, kind.plural) not in rules]
    caches = request["related"].get(kinds.NIM_CACHE.group_key, {}).values()
    objects = [stored(request["parent"]), *(stored(cache_, "status") for cache_ in caches)]
    assert_rests(simulation(objects, engine, settings=settings_of(folder), without=without))


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("what", ["gone", "not ready", "failed", "another claim"])
def test_whatever_happens_to_the_nimcache_no_pod_changes(what, engine):
    """The stand-in's kubelet would start new pods at any change of the template."""
    nim = stored(situation.nimservice(storage={"nimCache": {"name": "cache"}}))
    cache_ = stored(nimcache(), "status")
    cluster = simulation([nim, cache_], engine)
    cluster.settle()
    before = workload(cluster)
    if what == "gone":
        cluster.delete(resource(kinds.NIM_CACHE), "cache", "nim")
    else:
        changed = copy.deepcopy(cache_)
        changed["status"] |= {
            "not ready": {"state": "NotReady"},
            "failed": {"state": "Failed"},
            "another claim": {"pvc": "other"},
        }[what]
        cluster.put(changed)
    assert_rests(cluster)
    after = workload(cluster)
    assert after["spec"] == before["spec"]
    assert after["metadata"]["generation"] == before["metadata"]["generation"]
    status = cluster.get(kinds.NIM_SERVICE, namespace="nim", name="llama")["status"]
    assert status["state"] == "Ready"
    assert "Degraded" in {each["type"] for each in status["conditions"]}


@pytest.mark.parametrize("engine", ENGINES)
def test_an_edit_and_its_revert_end_where_they_began(engine):
    nim = stored(situation.nimservice(replicas=2))
    cluster = simulation([nim], engine)
    cluster.settle()
    before = workload(cluster)["spec"]
    edited = copy.deepcopy(nim)
    edited["spec"] |= {
        "env": [{"name": "A", "value": "1"}],
        "nodeSelector": {"a": "b"},
        "replicas": 1,
    }
    cluster.put(edited)
    cluster.settle()
    assert workload(cluster)["spec"] != before
    cluster.put(nim)
    assert_rests(cluster)
    assert workload(cluster)["spec"] == before


@pytest.mark.parametrize("engine", ENGINES)
def test_a_rollout_is_never_ready_in_between(engine):
    """Q34: neither before the edit is applied, nor before it is noticed, nor while old pods are left."""
    nim = stored(situation.nimservice(replicas=2))
    cluster = simulation([nim], engine)
    cluster.settle()
    since = len(cluster.timeline)
    edited = copy.deepcopy(nim)
    edited["spec"]["image"]["tag"] = "1.13.0"
    cluster.put(edited)
    cluster.settle()
    said = [
        ready(moment.object)
        for moment in cluster.timeline[since:]
        if moment.object["kind"] == "NIMService"
    ]
    flips = [status for index, status in enumerate(said) if not index or said[index - 1] != status]
    assert flips == ["True", "False", "True"], (
        "the first is the user's own edit, which changes no status"
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_further_replicas_never_make_it_unready(engine):
    nim = stored(situation.nimservice(replicas=1))
    cluster = simulation([nim], engine)
    cluster.settle()
    since = len(cluster.timeline)
    cluster.put({**nim, "spec": {**nim["spec"], "replicas": 3}})
    cluster.settle()
    assert {
        ready(moment.object)
        for moment in cluster.timeline[since:]
        if moment.object["kind"] == "NIMService"
    } == {"True"}


@pytest.mark.parametrize("engine", ENGINES)
def test_deletion_leaves_nothing_behind(engine):
    nim = stored(
        situation.nimservice(
            metrics={"enabled": True}, storage={"pvc": {"create": True, "size": "1Gi"}}
        )
    )
    cluster = simulation([nim], engine)
    cluster.settle()
    cluster.delete(resource(kinds.NIM_SERVICE), "llama", "nim")
    cluster.settle()
    assert {each["kind"] for each in cluster.server.everything()} & {
        kind.kind for kind in (*kinds.MANAGED, kinds.NIM_SERVICE)
    } == set()
    assert cluster.warnings == []


@pytest.mark.parametrize("engine", ENGINES)
def test_an_object_of_somebody_else_is_left_alone(engine):
    """I-8, Q17: the reference deletes by name what a feature that is off would have made."""
    theirs = {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "Ingress",
        "metadata": {"name": "llama", "namespace": "nim"},
        "spec": {"defaultBackend": {"service": {"name": "theirs", "port": {"number": 80}}}},
    }
    cluster = simulation([theirs, stored(situation.nimservice())], engine)
    assert_rests(cluster)
    (kept,) = [each for each in cluster.server.everything() if each["kind"] == "Ingress"]
    assert kept["spec"] == theirs["spec"]


@pytest.mark.parametrize("engine", ENGINES)
def test_drift_is_repaired(engine):
    """I-2, Q16: in the reference a Service that was changed by hand stays so."""
    cluster = simulation([stored(situation.nimservice())], engine)
    cluster.settle()
    (service,) = [each for each in cluster.server.everything() if each["kind"] == "Service"]
    service = copy.deepcopy(service)
    service["spec"]["selector"]["app"] = "other"
    service["spec"]["ports"][0]["targetPort"] = 1
    cluster.server.update(service, manager="kubectl")
    assert_rests(cluster)
    (service,) = [each for each in cluster.server.everything() if each["kind"] == "Service"]
    assert service["spec"]["selector"] == {"app": "llama"}
    assert [port["targetPort"] for port in service["spec"]["ports"]] == ["api"]


@pytest.mark.parametrize("engine", ENGINES)
def test_the_users_spec_is_never_written_to(engine):
    """I-1, Q3: the reference's own writes turn ``httpRoutesEnabled: false`` back to true."""
    gateway = {"namespace": "gw", "name": "gw", "httpRoutesEnabled": False}
    nim = stored(
        situation.nimservice(
            expose={"router": {"hostDomainName": "example.com", "gateway": gateway}}
        )
    )
    cluster = simulation([nim], engine)
    cluster.settle()
    edits = [
        moment
        for moment in cluster.timeline
        if moment.object["kind"] == "NIMService" and moment.manager == "metacontroller"
    ]
    assert edits
    assert {json.dumps(moment.object["spec"], sort_keys=True) for moment in edits} == {
        json.dumps(cluster.get(kinds.NIM_SERVICE)["spec"], sort_keys=True)
    }
    assert (
        cluster.get(kinds.NIM_SERVICE)["spec"]["expose"]["router"]["gateway"]["httpRoutesEnabled"]
        is False
    )
    assert "HTTPRoute" not in {
        each["kind"] for each in cluster.children(cluster.get(kinds.NIM_SERVICE))
    }


def workload(cluster):
    (found,) = [each for each in cluster.server.everything() if each["kind"] == "Deployment"]
    return copy.deepcopy(found)


def ready(nim):
    return next(
        (
            each["status"]
            for each in nim.get("status", {}).get("conditions", [])
            if each["type"] == "Ready"
        ),
        None,
    )


def resource(kind):
    return Resource(kind.api_version, kind.kind, kind.plural)


AUTOSCALED = {"enabled": True, "hpa": {"minReplicas": 2, "maxReplicas": 6}}


@pytest.mark.parametrize("engine", ENGINES)
def test_the_number_of_replicas_never_jumps_when_its_owner_changes(engine):
    """Q39, Q48: by hand, to an autoscaler, and back."""
    nim = stored(situation.nimservice(replicas=3))
    cluster = simulation([nim], engine)
    cluster.settle()
    numbers = [3]

    def edit(**spec):
        cluster.put(
            {
                **nim,
                "spec": {
                    **{key: value for key, value in nim["spec"].items() if key != "replicas"},
                    **spec,
                },
            }
        )
        assert_rests(cluster)
        numbers.append(workload(cluster)["spec"]["replicas"])

    def scaled(number):
        changed = workload(cluster)
        changed["spec"]["replicas"] = number
        cluster.server.update(changed, manager="kube-controller-manager")
        assert_rests(cluster)
        numbers.append(workload(cluster)["spec"]["replicas"])

    since = len(cluster.timeline)
    edit(scale=AUTOSCALED)
    scaled(5)
    edit(scale=AUTOSCALED, metrics={"enabled": True})
    edit(scale={"enabled": False})
    edit(replicas=2)
    assert numbers == [3, 3, 5, 5, 5, 2]
    seen = [
        moment.object["spec"]["replicas"]
        for moment in cluster.timeline[since:]
        if moment.object["kind"] == "Deployment"
    ]
    assert [
        number for index, number in enumerate(seen) if not index or seen[index - 1] != number
    ] == [5, 2]


def test_another_engine_restarts_nothing_and_comes_to_rest():
    """Metacontroller's flag is changed under a cluster that runs, there and back."""
    nim = stored(
        situation.nimservice(
            storage={"pvc": {"create": True, "size": "1Gi"}}, metrics={"enabled": True}
        )
    )
    cluster = simulation([nim], ENGINES[0])
    cluster.settle()
    before = workload(cluster)
    for engine in (ENGINES[1], ENGINES[0]):
        hooks = InProcess(installation.Hooks(Settings(), cluster.clock.now))
        cluster.loop = Metacontroller(
            cluster.server, installation.controllers(), hooks, clock=cluster.clock, engine=engine
        )
        assert_rests(cluster)
        after = workload(cluster)
        assert after["spec"] == before["spec"]
        assert after["metadata"]["generation"] == before["metadata"]["generation"]

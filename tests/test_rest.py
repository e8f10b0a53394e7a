"""Rest: under the stand-in for Metacontroller, NIMServices settle, and then nothing is written any
more, on both engines."""

import copy
import json

import pytest

from hooks.nimservice import kinds
from nimservice_simulator.metacontroller.children import ENGINES
from tests.golden import CASES, FOLDERS, settings_of
from tests.simulated import assert_rests, resource, simulation, stored, workload
from tests.situations import nimservice as situation
from tests.situations.nimcache import nimcache

SYNCS = [
    folder for folder in FOLDERS if folder.relative_to(CASES).parts[:2] == ("nimservice", "sync")
]
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

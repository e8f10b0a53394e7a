"""Rest: under the stand-in for Metacontroller, NIMServices settle, and then nothing is written any
more, on both engines."""

import copy
import json
from datetime import timedelta
from itertools import pairwise

import pytest

from hooks.kernel import resource as hook
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
    "with time to end, and spread": {
        "terminationGracePeriodSeconds": 600,
        "lifecycle": {
            "preStop": {"httpGet": {"path": "/drain", "port": 8000}},
            "postStart": {"exec": {"command": ["true"]}},
        },
        "topologySpreadConstraints": [
            {
                "maxSkew": 1,
                "topologyKey": "topology.kubernetes.io/zone",
                "whenUnsatisfiable": "ScheduleAnyway",
            }
        ],
        "strategy": {"rollingUpdate": {"maxUnavailable": 0, "maxSurge": "25%"}},
    },
    "with volumes of the user's": {
        "volumes": [
            {"name": "adapters", "persistentVolumeClaim": {"claimName": "a", "readOnly": False}},
            {"name": "tmp", "emptyDir": {"sizeLimit": "1024Mi"}},
            {"name": "facts", "projected": {"sources": [{"serviceAccountToken": {"path": "t"}}]}},
        ],
        "volumeMounts": [
            {"name": "adapters", "mountPath": "/adapters", "readOnly": False},
            {"name": "tmp", "mountPath": "/tmp"},
        ],
    },
    "with a budget for drains": {"podDisruptionBudget": {"minAvailable": 1}},
    "with contexts and containers of the user's": {
        "securityContext": {"capabilities": {"add": ["IPC_LOCK"]}, "privileged": False},
        "podSecurityContext": {"supplementalGroups": [44]},
        "volumes": [{"name": "logs", "emptyDir": {}}],
        "initContainers": [
            {
                "name": "mesh",
                "image": {"repository": "mesh", "tag": "1"},
                "restartPolicy": "Always",
                "ports": [{"containerPort": 15090, "protocol": "TCP"}],
                "startupProbe": {"httpGet": {"path": "/up", "port": 15090}, "periodSeconds": 5},
            }
        ],
        "sidecarContainers": [
            {
                "name": "logs",
                "image": {"repository": "logs", "tag": "1"},
                "resources": {"limits": {"memory": "1024Mi"}},
                "volumeMounts": [{"name": "logs", "mountPath": "/logs", "readOnly": False}],
            }
        ],
    },
    "recreated": {"strategy": {"type": "Recreate"}, "lifecycle": {}},
    "with timeouts": {
        "expose": {
            "router": {
                "gateway": {"namespace": "gw", "name": "gw", "timeouts": {"request": "10m"}},
            }
        },
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
def test_a_model_that_never_gets_ready_is_looked_at_ever_more_rarely(engine, monkeypatch):
    nim = stored(situation.nimservice(storage={"nimCache": {"name": "to-come"}}))
    cluster = simulation([nim], engine)
    times, sync = [], hook.sync
    monkeypatch.setattr(hook, "sync", lambda *given: times.append(given[3]) or sync(*given))
    cluster.advance(4 * 3600)
    conditions = cluster.get(kinds.NIM_SERVICE)["status"]["conditions"]
    assert conditions[0]["reason"] == "NIMCacheNotFound"
    waits = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert waits[waits.index(30) :][:5] == [30, 30, 60, 120, 240]
    # Six of its own, and two of Metacontroller's own round.
    last_hour = [each for each in times if each > times[-1] - timedelta(hours=1)]
    assert 6 <= len(last_hour) <= 8


@pytest.mark.parametrize("engine", ENGINES)
def test_a_capacity_in_another_form_is_at_rest(engine):
    """R2: the reference compares the text with its canonical form, for ever."""
    memory = {"key": "memory", "op": "GreaterThanOrEqual", "value": "40960Mi"}
    device = {"name": "gpu", "capacitySelectors": [memory]}
    devices = [{"claimCreationSpec": {"devices": [device]}}]
    cluster = simulation([stored(situation.nimservice(draResources=devices))], engine)
    assert_rests(cluster)
    assert cluster.get(kinds.NIM_SERVICE)["status"]["state"] == "Ready"


@pytest.mark.parametrize("engine", ENGINES)
def test_a_label_of_a_child_that_the_user_took_hides_it_from_nobody(engine):
    """R3: the reference looks for its objects by that label, and makes them again and again."""
    labels = {"app.kubernetes.io/managed-by": "Helm"}
    metrics = {"enabled": True, "serviceMonitor": {"additionalLabels": labels}}
    cluster = simulation([stored(situation.nimservice(metrics=metrics))], engine)
    assert_rests(cluster)
    monitor = cluster.get(kinds.SERVICE_MONITOR)
    assert monitor["metadata"]["labels"].items() >= labels.items()


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


CHART = [folder for folder in SYNCS if folder.name.startswith("chart_")]
"""Eight NIMServices of one chart, each with ``expose.service.name: http``."""


@pytest.mark.parametrize("engine", ENGINES)
def test_every_model_of_a_chart_is_ready_and_called_by_its_own_name(engine):
    """NVIDIA's operator ignores the name of the Service, and the models call each other by their
    own."""
    requests = [json.loads((folder / "request.json").read_text()) for folder in CHART]
    caches = [
        stored(each, "status")
        for request in requests
        for each in request["related"][kinds.NIM_CACHE.group_key].values()
    ]
    names = {request["parent"]["metadata"]["name"] for request in requests}
    cluster = simulation([*caches, *(stored(each["parent"]) for each in requests)], engine)
    assert_rests(cluster)
    states = {
        each["metadata"]["name"]: each["status"]["state"]
        for each in cluster.parents()
        if each["kind"] == "NIMService"
    }
    services = {
        each["metadata"]["name"]
        for each in cluster.server.everything()
        if each["kind"] == "Service"
    }
    assert states == dict.fromkeys(names, "Ready")
    assert services == {*names, "http"}
    assert len(names) == 8


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

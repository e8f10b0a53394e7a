"""Odd objects: what no API server keeps is read as absent or refused by name, and no child is lost
over it."""

import copy
import re
from itertools import cycle

import orjson
import pytest

from hooks.kernel import protocol, resource
from hooks.kernel.protocol import BadRequest
from hooks.nimservice.children import plan
from hooks.nimservice.children.multinode import sshkey
from hooks.resources import NIM_CACHE, NIM_SERVICE, Settings
from tests.situations import kserve, nimcache, pods, stored
from tests.situations import nimservice as situation
from tests.situations.nimservice import applied, rolled_out

SETTINGS = Settings()
STATUS = {
    "observedGeneration": 1,
    "state": "NotReady",
    "model": {"name": "x"},
    "conditions": [
        {"type": "Ready", "status": "False", "reason": "Updating", "lastTransitionTime": "x"}
    ],
    "modelStore": {"storageHash": "x", "nimCache": "cache", "claimName": "c", "gpus": "1"},
}
CONDITIONS = {"conditions": [{"type": "Progressing", "status": "True", "message": "x"}]}
HPA = {"scale": {"enabled": True, "hpa": {"maxReplicas": 3}}}
CLAIM = {"storage": {"pvc": {"create": True, "size": "1Gi"}}}
ROUTED = {
    "expose": {
        "service": {"port": 8000},
        "router": {"gateway": {"name": "g", "namespace": "g"}, "hostDomainName": "example.com"},
    }
}
GROUPS = {
    "multiNode": {"parallelism": {"pipeline": 2}, "computeDomain": {"create": True}},
    "draResources": [{"resourceClaimTemplateName": "gpus"}],
}
CACHED = {"storage": {"nimCache": {"name": "cache"}}}
PICKER = {
    "containerSpec": {"name": "epp", "image": {"repository": "epp", "tag": "1"}},
    "config": {"plugins": [{"type": "t"}], "schedulingProfiles": [{"name": "p", "plugins": []}]},
}
POD = pods.pod(pods.crashing(1, "Error"))
RESOURCE_CLAIM = {
    "apiVersion": "resource.k8s.io/v1",
    "kind": "ResourceClaim",
    "metadata": {"name": "made", "namespace": "nim", "ownerReferences": [{"uid": "x"}]},
    "status": {"allocation": {"devices": {}}, "reservedFor": [{"name": "x"}]},
}
SPECS = {
    "a Deployment": ({**HPA, **CLAIM, **ROUTED}, [POD]),
    "a group": (GROUPS, [POD, RESOURCE_CLAIM]),
    "KServe": ({"inferencePlatform": "kserve", **HPA}, [POD]),
    "a cache": (CACHED, [nimcache.nimcache()]),
    "a picker": ({"expose": {"router": {"eppConfig": PICKER}}}, [POD]),
}
STATUSES = {
    "Deployment": rolled_out(),
    "Service": {"loadBalancer": {"ingress": [{"ip": "10.0.0.1"}]}},
    "InferenceService": {
        "deploymentMode": "Standard",
        "address": {"url": "http://x"},
        "modelStatus": {"copies": {"totalCopies": 1}},
        "conditions": [{"type": "PredictorReady", "status": "True"}],
    },
    "HTTPRoute": {
        "parents": [
            {
                "parentRef": {"name": "g"},
                "conditions": [
                    {"type": "Accepted", "status": "False", "reason": "NoMatchingParent"}
                ],
            }
        ]
    },
    "HorizontalPodAutoscaler": {
        "conditions": [
            {"type": "ScalingActive", "status": "False", "reason": "FailedGetPodsMetric"}
        ]
    },
    "PersistentVolumeClaim": {"phase": "Pending"},
    "ComputeDomain": {"status": "Ready", "nodes": [{"name": "a", "status": "Ready"}]},
}
ODD = (7, "x", [7], [[]], {"a": 1}, {"metadata": 7})
REFUSAL = re.compile(r"[A-Z][A-Za-z]+ [a-z0-9-]+: [A-Za-z0-9.\[\]/-]+: must be [a-z0-9A-Z() ]+")


@pytest.fixture(autouse=True)
def _quick(monkeypatch):
    monkeypatch.setattr(sshkey, "_private_key", lambda: "a2V5")  # making a key takes its time


def asked(what, engine):
    """Return the parent, its children as observed, and what is related."""
    spec, related = SPECS[what]
    planned = list(plan(situation.context(related=related, **spec)).children)
    if what == "a group":  # the LeaderWorkerSet follows its Secret
        secrets = [applied(each) for each in planned if each["kind"] == "Secret"]
        planned = list(plan(situation.context(secrets, related=related, **spec)).children)
    observed = [
        applied(each, engine=engine, status=STATUSES.get(each["kind"], CONDITIONS))
        for each in planned
    ]
    return situation.nimservice(status=STATUS, **spec), observed, related


def places(value, path=(), most=6):
    """Yield the path of each part of a value, down to some depth."""
    inner = value.items() if isinstance(value, dict) else enumerate(value)
    for key, part in inner:
        yield (*path, key)
        if isinstance(part, dict | list) and len(path) < most:
            yield from places(part, (*path, key), most)


def spoil(obj, path, odd):
    *above, key = path
    for each in above:
        obj = obj[each]
    obj[key] = odd


def identities(children):
    return {(each["kind"], each["metadata"]["name"]) for each in children}


def answer(parent, observed, related, hook="sync"):
    request = stored.request(parent, observed, related, finalizing=hook == "finalize")
    return resource.call(hook, NIM_SERVICE, request, SETTINGS, stored.NOW).body


def assert_safe(*parts, hook="sync", whole):
    """Assert that an answer has all of some children, or is refused by the name of an object."""
    try:
        answered = answer(*parts, hook)
    except BadRequest as refusal:
        told = refusal
    else:
        assert whole <= identities(answered["children"])
        return
    assert told.status == 422
    assert REFUSAL.fullmatch(str(told))


@pytest.mark.parametrize("engine", [stored.DYNAMIC, stored.SERVER_SIDE])
@pytest.mark.parametrize("what", SPECS)
def test_no_odd_child_or_related_object_costs_a_child_or_is_a_failure(what, engine):
    parent, observed, related = asked(what, engine)
    whole = identities(answer(parent, observed, related)["children"])
    assert whole == identities(observed)
    odd = cycle(ODD)
    for group in (observed, related):
        for index, obj in enumerate(group):
            for path in places({key: obj[key] for key in ("spec", "status", "data") if key in obj}):
                for value in ODD if path[0] == "status" else (next(odd), next(odd)):
                    spoilt = copy.deepcopy(obj)
                    spoil(spoilt, path, value)
                    changed = [*group[:index], spoilt, *group[index + 1 :]]
                    parts = (changed, related) if group is observed else (observed, changed)
                    assert_safe(parent, *parts, whole=whole)


@pytest.mark.parametrize("what", SPECS)
@pytest.mark.parametrize("odd", ODD, ids=str)
def test_no_odd_status_of_the_parent_costs_a_child_or_is_refused(what, odd):
    """A CRD that was installed by hand may keep any status."""
    parent, observed, related = asked(what, stored.DYNAMIC)
    for path in places({"status": STATUS}):
        spoilt = copy.deepcopy(parent)
        spoil(spoilt, path, odd)
        kept = identities(answer(spoilt, observed, related)["children"])
        assert kept == identities(observed)


@pytest.mark.parametrize("odd", ODD, ids=str)
@pytest.mark.parametrize("hook", ["sync", "finalize"])
@pytest.mark.parametrize("engine", [stored.DYNAMIC, stored.SERVER_SIDE])
def test_no_odd_metadata_of_a_held_child_costs_it(engine, hook, odd):
    _, observed, related = asked("a Deployment", engine)
    deleted = stored.ago(seconds=5) if hook == "finalize" else None
    parent = situation.nimservice(deleted=deleted, **{**SPECS["a Deployment"][0], "image": {}})
    whole = identities(answer(parent, observed, related, hook)["children"])
    for index, obj in enumerate(observed):
        for path in places(obj["metadata"]):
            if path[0] in ("name", "namespace"):
                continue
            spoilt = copy.deepcopy(obj)
            spoil(spoilt["metadata"], path, odd)
            changed = [*observed[:index], spoilt, *observed[index + 1 :]]
            assert_safe(parent, changed, related, hook=hook, whole=whole)


def spoilt_deployment(**changes):
    """Return the refusal of a Deployment that was applied by the server and then changed."""
    (made,) = (each for each in plan(situation.context()).children if each["kind"] == "Deployment")
    child = applied(made, engine=stored.SERVER_SIDE)
    for path, odd in changes.items():
        spoil(child, path.split("__"), odd)
    return child


REFUSED = {
    "metadata.managedFields: must be a list of objects": {"metadata__managedFields": 7},
    "metadata.managedFields[0]: must be an object": {"metadata__managedFields": ["x"]},
    "metadata.managedFields[0].fieldsV1: must be an object": {
        "metadata__managedFields": [
            {"manager": "metacontroller", "operation": "Apply", "fieldsV1": [7]}
        ]
    },
    "metadata.managedFields: must be a record of fields (fieldsV1)": {
        "metadata__managedFields": [
            {
                "manager": "metacontroller",
                "operation": "Apply",
                "fieldsV1": {
                    "f:spec": {"f:template": {"f:spec": {"f:containers": {"k:[1]": {}, "k:{": {}}}}}
                },
            }
        ]
    },
    "metadata.annotations: must be an object": {"metadata__annotations": 7},
    "spec.replicas: must be a whole number": {"spec__replicas": 1e40},
}


@pytest.mark.parametrize("told", REFUSED)
def test_a_held_child_is_refused_by_name_and_path(told):
    child = spoilt_deployment(**REFUSED[told])
    with pytest.raises(BadRequest) as caught:
        answer(situation.nimservice(image={}), [child], [])
    assert (caught.value.status, str(caught.value)) == (422, f"Deployment llama: {told}")


def test_a_child_that_is_being_deleted_in_an_odd_way_is_refused():
    child = spoilt_deployment(metadata__deletionTimestamp=7)
    with pytest.raises(BadRequest) as caught:
        answer(situation.nimservice(deleted=stored.NOW), [child], [], "finalize")
    assert str(caught.value) == "Deployment llama: metadata.deletionTimestamp: must be text"


@pytest.mark.parametrize(
    ("related", "told"),
    [
        ({"ownerReferences": 7}, "metadata.ownerReferences: must be a list of objects"),
        ({"ownerReferences": [7]}, "metadata.ownerReferences[0]: must be an object"),
    ],
)
def test_whose_an_odd_object_is_is_not_guessed(related, told):
    metadata = {"name": "models", "namespace": "nim", **related}
    claim = {"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": metadata}
    nim = situation.nimservice(storage={"pvc": {"create": True, "size": "1Gi", "name": "models"}})
    with pytest.raises(BadRequest) as caught:
        answer(nim, [], [claim])
    assert str(caught.value) == f"PersistentVolumeClaim models: {told}"


def test_a_pod_that_may_be_of_a_former_platform_is_not_overlooked():
    """Read as anybody's, it would let a second workload start beside it."""
    pod = {**POD, "metadata": {**POD["metadata"], "labels": 7}}
    with pytest.raises(BadRequest) as caught:
        answer(situation.nimservice(), [], [pod])
    name = POD["metadata"]["name"]
    assert str(caught.value) == f"Pod {name}: metadata.labels: must be an object"


@pytest.mark.parametrize(
    ("data", "told"),
    [(7, "data: must be an object"), ({"made-with": 7}, "data.made-with: must be text")],
)
def test_a_configuration_that_decides_whether_a_picker_restarts_is_not_guessed(data, told):
    parent, observed, related = asked("a picker", stored.DYNAMIC)
    (config,) = (each for each in observed if each["kind"] == "ConfigMap")
    config["data"] = data
    with pytest.raises(BadRequest) as caught:
        answer(parent, observed, related)
    assert str(caught.value) == f"ConfigMap llama-epp-config: {told}"


def test_an_odd_mode_of_an_inference_service_is_refused():
    observed = kserve.running(mode="Standard")
    observed["status"]["deploymentMode"] = ["Standard"]
    with pytest.raises(BadRequest) as caught:
        answer(situation.nimservice(inferencePlatform="kserve"), [observed], [])
    assert str(caught.value) == "InferenceService llama: status.deploymentMode: must be text"


@pytest.mark.parametrize("depth", [300, 900])
def test_a_held_child_that_no_answer_could_repeat_is_refused(depth):
    child = spoilt_deployment(spec__x="DEEP")
    nested = b'{"a":' * depth + b"{}" + b"}" * depth
    body = orjson.dumps(stored.body(situation.nimservice(image={}), [child]))
    asked = protocol.decode(body.replace(b'"DEEP"', nested))
    with pytest.raises(BadRequest, match="body: nested too deeply"):
        resource.sync(NIM_SERVICE, asked, SETTINGS, stored.NOW)


def test_an_odd_record_that_people_can_edit_holds_what_can_be_held():
    """Unlike a field, the annotation may hold any text."""
    for record in ("7", "[", '{"spec": []}', '{"metadata": {"labels": 7, "annotations": [1]}}'):
        child = spoilt_deployment()
        child["metadata"]["annotations"] = {
            "metacontroller.k8s.io/last-applied-configuration": record
        }
        (kept,) = answer(situation.nimservice(image={}), [child], [])["children"]
        assert kept["metadata"]["name"] == "llama"


@pytest.mark.parametrize("odd", [7, "orphan", {"orphan": 1}, [["orphan"]]])
def test_odd_finalizers_of_a_nimcache_do_not_let_its_claim_go(odd):
    cache = nimcache.nimcache(spec={"storage": {"pvc": {"name": "models"}}})
    cache["metadata"] |= {"deletionTimestamp": stored.EARLIER, "finalizers": odd}
    user = situation.nimservice(storage={"nimCache": {"name": "cache"}})
    asked = stored.request(cache, [], [user], finalizing=True)
    body = resource.finalize(NIM_CACHE, asked, SETTINGS, stored.NOW).body
    assert not body["finalized"]
    assert "NIMService llama" in str(body["status"])

"""Bad input: whatever stands in a NIMCache, it is refused with path and remedy, or told; nothing is
lost, and nothing of somebody else's is touched."""

import copy
import time

import pytest

from hooks.kernel import resource
from hooks.kernel.crd import admission, shipped
from hooks.nimcache import kinds
from hooks.nimcache.profile import pattern
from hooks.nimcache.report import report
from hooks.resources import NIM_CACHE, Settings
from nimservice_simulator.controllers.scenarios import Ending
from tests.nimcache import cluster, manifests, observing
from tests.nimcache.api import examples
from tests.nimcache.cluster import NAME, NAMESPACE, Cluster, both_engines, settled
from tests.nimcache.test_life_sources import probed_by
from tests.situations import stored

SCHEMA = shipped.schemas()["NIMCache"]["properties"]["spec"]
WRONG = {
    "string": 7,
    "integer": "seven",
    "boolean": "yes",
    "array": "one",
    "object": "one",
    None: [],
}


def fields(schema, path=()):
    """Yield each field of a schema with its own schema; ``0`` is the first entry of a list."""
    for name, each in schema.get("properties", {}).items():
        yield (*path, name), each
        yield from fields(each, (*path, name))
    if "items" in schema:
        yield (*path, 0), schema["items"]
        yield from fields(schema["items"], (*path, 0))


FIELDS = {
    ".".join(map(str, path)): (path, each)
    for path, each in fields(SCHEMA)
    if "x-kubernetes-preserve-unknown-fields" not in each
}


def placed(path, value):
    """Return an object, or a list, with a value at a path and nothing else."""
    if not path:
        return value
    inner = placed(path[1:], value)
    return [inner] if path[0] == 0 else {path[0]: inner}


def merged(base, over):
    if not isinstance(base, dict) or not isinstance(over, dict):
        return over
    return {**base, **{key: merged(base.get(key), each) for key, each in over.items()}}


def spoilt(path, value):
    cache = observing.parent()
    return {**cache, "spec": merged(copy.deepcopy(cache["spec"]), placed(path, value))}


@pytest.mark.parametrize("field", FIELDS)
def test_a_field_of_the_wrong_kind_is_refused_where_it_stands(field):
    path, schema = FIELDS[field]
    wrong = WRONG[schema.get("type")]
    shown = "spec" + "".join(f"[{each}]" if each == 0 else f".{each}" for each in path)
    found = admission.problems(spoilt(path, wrong))
    assert shown in {problem.path.lstrip(".") for problem in found}, found


def synced(cache, *observed):
    return resource.sync(NIM_CACHE, stored.request(cache, observed), Settings(), stored.NOW).body


CLAIM = observing.claim(observing.parent())


@pytest.mark.parametrize("field", FIELDS)
def test_without_admission_a_field_of_the_wrong_kind_ends_nothing(field):
    """A definition may have been installed without its rules, by another operator."""
    path, schema = FIELDS[field]
    cache = spoilt(path, WRONG[schema.get("type")])
    cache["status"] = {"state": "Ready", "claimUID": CLAIM["metadata"]["uid"]}
    answer = synced(cache, CLAIM)
    assert [each["kind"] for each in answer["children"]] == ["PersistentVolumeClaim"]
    ready = next(each for each in answer["status"]["conditions"] if each["type"] == "Ready")
    if ready["reason"] == "InvalidSpec":
        assert ready["message"].startswith("spec.")
        assert answer["status"]["claimUID"] == CLAIM["metadata"]["uid"]
    else:
        assert ready["reason"] == "Ready"


@pytest.mark.parametrize("case", examples.REFUSED)
def test_without_admission_what_it_refuses_ends_nothing(case):
    cache = observing.parent()
    cache["spec"] = {**cache["spec"], **examples.REFUSED[case][0]}
    answer = synced(cache, CLAIM)
    assert CLAIM["metadata"]["name"] in {each["metadata"]["name"] for each in answer["children"]}
    ready = next(each for each in answer["status"]["conditions"] if each["type"] == "Ready")
    if ready["reason"] == "InvalidSpec":
        assert ready["message"].startswith(examples.REFUSED[case][1].split("[")[0][:11])


def test_a_name_too_long_for_its_jobs_is_refused_by_the_hooks_too():
    cache = observing.parent(name="l" * 58)
    (ready, *_) = synced(cache)["status"]["conditions"]
    assert (ready["reason"], ready["message"].split(" ")[0]) == ("InvalidSpec", "metadata.name:")
    assert "use 57 at most" in ready["message"]
    longest = settled(cluster.nimcache(name="l" * 57))
    assert longest.status("l" * 57)["state"] == "Ready"


REFUSED_AS_A_CHILD = {
    "a node that no label can have": ({"nodeSelector": {"gpu": "a b"}}, "Job llama-cache-probe"),
    "a toleration of nothing": (
        {"tolerations": [{"operator": "Equal", "value": "gpu"}]},
        "Job llama-cache-probe",
    ),
    "a claim with an annotation that is none": (
        {
            "storage": {"pvc": {"create": True, "size": "1Gi", "annotations": {"a b": "c"}}},
            **cluster.ngc(modelEndpoint="ngc://x:1"),
        },
        "Claim llama-cache-pvc",
    ),
    "a variable of two sources": (
        {
            "env": [{"name": "A", "value": "1", "valueFrom": {"fieldRef": {"fieldPath": "x"}}}],
            **cluster.ngc(modelEndpoint="ngc://x:1"),
        },
        "Job llama-cache-job",
    ),
}
"""Specs that nobody refuses but the API server, when a child is made of them."""


def refusing(found, *kinds_of):
    """Let the API server refuse to create children of some kinds."""

    def admits(new, old):
        return "no" if old is None and new["kind"] in kinds_of else None

    found.server.admission.append(admits)
    return admits


@both_engines
@pytest.mark.parametrize("case", REFUSED_AS_A_CHILD)
def test_a_child_that_the_api_server_refuses_is_told_and_comes_once_it_is_admitted(case, engine):
    spec, child = REFUSED_AS_A_CHILD[case]
    found = Cluster(engine=engine)
    admits = refusing(found, "PersistentVolumeClaim" if child.startswith("Claim") else "Job")
    found.put(cluster.nimcache(**spec))
    found.advance(50)
    assert found.reason() in ("Probing", "Starting", "Creating")
    found.advance(120)
    assert (found.status()["state"], found.reason()) == ("NotReady", "NotCreated")
    assert found.condition()["message"].startswith(f"{child} is desired but missing")
    assert "kubectl describe nimcache llama-cache -n nim" in found.condition()["message"]
    found.server.admission.remove(admits)
    storage = {"pvc": {"create": True, "size": "1Gi"}} if child.startswith("Claim") else {}
    found.edit_spec(
        nodeSelector={}, tolerations=[], env=[], **({"storage": storage} if storage else {})
    )
    found.settle()
    assert found.status()["state"] == "Ready"


@pytest.mark.parametrize("suffix", ["job", "probe"])
@both_engines
def test_a_job_of_somebody_else_is_left_alone_and_named(engine, suffix):
    theirs = {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": f"{NAME}-{suffix}", "namespace": NAMESPACE},
        "spec": {
            "template": {
                "spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]}
            }
        },
    }
    found = Cluster(engine=engine)
    found.put(theirs)
    found.put(cluster.nimcache())
    found.settle()
    assert (found.status()["state"], found.reason()) == ("NotReady", "ChildNotObserved")
    assert f"kubectl delete job {NAME}-{suffix} -n nim" in found.condition()["message"]
    left = found.job(suffix)
    assert not left["metadata"].get("ownerReferences")
    assert left["spec"]["template"]["spec"]["containers"][0]["image"] == "a"
    assert not found.writes_at_rest()


@both_engines
def test_a_pod_of_somebody_else_with_our_labels_is_not_listened_to(engine):
    """It has the labels of a probe, and says that the image is native."""
    labels = {
        "apps.nvidia.com/nimcache": NAME,
        "apps.nvidia.com/nimcache-role": "probe",
        "app.kubernetes.io/managed-by": "nimservice-hooks",
        "app.kubernetes.io/name": NAME,
    }
    forged = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "forged", "namespace": NAMESPACE, "labels": labels},
        "spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]},
    }
    found = Cluster(engine=engine, ends=probed_by(lambda _: Ending(0, "v1 none", 1)))
    found.put(forged)
    found.settle()
    found.ends(cluster.image())
    found.put(cluster.nimcache())
    found.settle()
    assert (found.status()["state"], found.status().get("type")) == ("Ready", None)


@pytest.mark.parametrize("size", [4096, 1_000_000])
def test_a_message_of_any_size_is_read_in_no_time(size):
    for said in ("v1 1 9 gzip " + "A" * size, "v" * size, "v1 " * (size // 3)):
        found = Cluster(cluster.nimcache(), ends=probed_by(lambda _, said=said: Ending(0, said, 1)))
        before = time.process_time()
        found.advance(60)
        assert found.reason() == "ManifestUnreadable"
        assert time.process_time() - before < 20


HOSTILE = {
    "a long expression": ("x" * 10_000, 0.1),
    "an expression that backtracks": ("(a+)+$", 0.1),
    "nested repetition": ("(" * 40 + "a*" + ")*" * 40, 0.1),
    "as much as is read": ("|".join(["ab" * 9] * 12), 1),
}
"""Expressions, and the seconds of processor time that they may take."""


@pytest.mark.parametrize("case", HOSTILE)
def test_an_expression_of_an_image_costs_no_time(case):
    """A whole sync, with 40 profiles and 10 kinds of GPUs in the cluster."""
    expression, most = HOSTILE[case]
    manifest = "".join(
        f"p{number}:\n  tags: {{llm_engine: tensorrt_llm, tp: '1', product_name_regex: '{number}{expression}'}}\n"
        for number in range(40)
    )
    products = ",".join(f"NVIDIA-{'a' * 50}{number}" for number in range(10))
    found = Cluster(
        cluster.nimcache(), ends=cluster.image(manifest), settings=Settings(gpu_products=products)
    )
    found.advance(60)
    assert found.reason() in ("NoProfileMatches", "ManifestUnreadable", "ManifestTooLarge")
    request = last_request(found)
    report.joined.cache_clear()
    pattern._read.cache_clear()
    before = time.process_time()
    resource.sync(NIM_CACHE, request, Settings(gpu_products=products), found.clock.now())
    assert time.process_time() - before < most


def last_request(found):
    """Return what a sync of the NIMCache is asked now."""
    pods = found.server.list(kinds.POD, NAMESPACE)
    children = found.children(found.cache())
    return stored.request(found.cache(), children, pods)


def test_a_manifest_that_says_much_of_each_profile_is_remembered_in_short():
    """An annotation and a status have limits."""
    wordy = manifests.mapped(12).replace("feat_lora:", f"note: '{'x' * 300}'\n    feat_lora:")
    found = settled(cluster.nimcache(), ends=cluster.image(wordy))
    assert found.status()["state"] == "Ready"
    assert "note" not in found.status()["profiles"][0]["config"]

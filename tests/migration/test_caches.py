"""Caches of NVIDIA's operator: taken over with nothing downloaded again, and handed back."""

import json
from copy import deepcopy

import pytest
import yaml

from hooks.cli import main
from hooks.kernel.lastapplied import LAST_APPLIED, OWNER_LABEL
from hooks.kernel.owner import owner_reference
from hooks.migration import caches, operator
from hooks.migration.plan import merged
from hooks.nimcache import kinds
from hooks.resources import Settings
from nimservice_simulator.metacontroller.children import ENGINES
from tests.nimcache import cluster, manifests
from tests.nimcache.cluster import NAME, NAMESPACE, Cluster
from tests.situations import nimservice as situation
from tests.situations.stored import NOW

UID = "5a0a4b3e-6d1c-4f0e-9d57-2f6b7c1f0a11"
PROFILE = manifests.name(7)
"""One for two GPUs by its number: 2 ** (7 % 4) = 8."""
LABELS = {
    "app": operator.NAME,
    "app.kubernetes.io/name": NAME,
    operator.MANAGED_BY: operator.NAME,
}
READY = {
    "state": "Ready",
    "pvc": f"{NAME}-pvc",
    "profiles": [{"name": PROFILE, "config": {"tp": "8"}}],
    "conditions": [
        {
            "type": "NIM_CACHE_JOB_COMPLETED",
            "status": "True",
            "reason": "JobCompleted",
            "message": "The Job to cache NIM has successfully completed",
            "lastTransitionTime": "2026-01-01T00:00:00Z",
        }
    ],
}
IN_PROGRESS = {"state": "InProgress", "profiles": []}
FAILED = {"state": "Failed", "profiles": []}


def nimcache(status=None, **spec):
    made = cluster.nimcache(**spec)
    made["metadata"] |= {"uid": UID, "finalizers": [caches.FINALIZER, "a.b/c"]}
    return made | ({"status": deepcopy(status)} if status else {})


def owned(kind, name, cache, api_version="v1", labels=LABELS, **fields):
    return {
        "apiVersion": api_version,
        "kind": kind,
        "metadata": {
            "name": name,
            "namespace": NAMESPACE,
            "labels": dict(labels),
            "ownerReferences": [owner_reference(cache)],
        },
        **deepcopy(fields),
    }


def claim(cache):
    made = owned(
        "PersistentVolumeClaim",
        f"{NAME}-pvc",
        cache,
        spec={
            "accessModes": ["ReadWriteMany"],
            "resources": {"requests": {"storage": "50Gi"}},
        },
    )
    made["metadata"]["uid"] = "of-the-claim"
    return made


def job(cache, args=("--profiles", PROFILE), **fields):
    container = {
        "name": "nim-cache-ctr",
        "image": cluster.PULLER,
        "command": ["download-to-cache"],
        "args": list(args),
        "envFrom": [{"secretRef": {"name": "ngc-api-secret"}}],
        "env": [{"name": "NIM_CACHE_PATH", "value": "/model-store"}],
    }
    template = {
        "metadata": {"labels": dict(LABELS)},
        "spec": {"restartPolicy": "Never", "containers": [container]},
    }
    spec = {"backoffLimit": 5, "ttlSecondsAfterFinished": 600, "template": template}
    return owned("Job", f"{NAME}-job", cache, "batch/v1", spec=spec, **fields)


def manifest(cache, text=None):
    data = {"model_manifest.yaml": manifests.mapped(12) if text is None else text}
    return owned("ConfigMap", f"{NAME}-manifest", cache, data=data)


def planned(cache, *others):
    return caches.of(cache, [cache, *others], Settings(), now=NOW)


def patched(found, *objects):
    return [
        next((merged(each, w.patch) for w in found.writes if w.target is each), each)
        for each in objects
    ]


def test_claim_and_job_get_the_label_and_the_nimcache_loses_the_finalizer():
    cache = nimcache(READY)
    ended = [{"type": "Complete", "status": "True", "lastTransitionTime": "2026-03-01T11:55:00Z"}]
    complete = job(cache, status={"conditions": ended})
    found = planned(cache, claim(cache), complete, manifest(cache))
    assert [
        (write.target["kind"], write.patch["metadata"].get("labels")) for write in found.writes
    ] == [
        ("PersistentVolumeClaim", {OWNER_LABEL: UID}),
        ("Job", {OWNER_LABEL: UID}),
        ("NIMCache", None),
    ]
    assert found.writes[-1].patch == {"metadata": {"finalizers": ["a.b/c"]}}
    assert found.remark == "Ready, and then Ready; nothing is downloaded again"
    assert [(step.action, step.kind) for step in found.steps] == [
        ("keep", "PersistentVolumeClaim"),
        ("keep", "Job"),
        ("leave", "ConfigMap"),
    ]


def test_a_running_download_learns_the_tags_of_its_profiles():
    cache = nimcache(IN_PROGRESS)
    running = job(cache)
    (_, write, _) = planned(cache, claim(cache), running, manifest(cache)).writes
    noted = json.loads(write.patch["metadata"]["annotations"]["apps.nvidia.com/chosen"])
    assert noted["names"] == [PROFILE]
    assert noted["profiles"][0]["config"]["tp"] == "8"
    assert "tags of its profiles" in write.what


@pytest.mark.parametrize("text", ["", "- a", "x:\n  tags: {tp: '1'}\n"])
def test_where_the_tags_are_unknown_the_plan_says_so(text):
    cache = nimcache(IN_PROGRESS)
    found = planned(cache, claim(cache), job(cache), manifest(cache, text))
    assert "annotations" not in found.writes[1].patch["metadata"]
    assert "tags of its profiles are unknown" in found.steps[1].why[0]


def test_what_takes_all_profiles_has_no_tags_to_learn():
    cache = nimcache(IN_PROGRESS)
    found = planned(cache, claim(cache), job(cache, ["--all"]), manifest(cache))
    assert "annotations" not in found.writes[1].patch["metadata"]
    assert found.steps[1].why == ("unchanged; a running download goes on",)


def test_the_operators_probe_is_named():
    cache = nimcache({"state": "NotReady"})
    pod = owned("Pod", f"{NAME}-pod", cache)
    found = planned(cache, claim(cache), pod)
    assert ("leave", f"{NAME}-pod") in [(step.action, step.name) for step in found.steps]
    assert [step.name for step in found.steps if step.action == "create"] == [f"{NAME}-probe"]


def test_one_that_is_being_deleted_is_left_to_the_operator():
    cache = nimcache(READY)
    cache["metadata"]["deletionTimestamp"] = "2026-03-01T11:00:00Z"
    assert planned(cache, claim(cache)).writes == ()


def test_a_claim_of_somebody_else_is_left_alone():
    cache = nimcache(READY, storage={"pvc": {"name": "models"}})
    other = {**claim(cache), "metadata": {"name": "models", "namespace": NAMESPACE}}
    found = planned(cache, other)
    assert [write.target["kind"] for write in found.writes] == ["NIMCache"]


def test_it_is_found_until_it_has_migrated():
    cache = nimcache(READY)
    everything = [cache, claim(cache), job(cache)]
    assert caches.found(everything) == [cache]
    everything = patched(planned(*everything), *everything)
    assert caches.found(everything) == []
    assert [each["metadata"]["name"] for each in caches.managed(everything)] == [NAME]


def migrated(engine, status, *children, ends=None, nim=None):
    """Return a cluster in which the hooks start after a migration."""
    found = Cluster(engine=engine, ends=ends)
    given = nimcache(status)
    stored = found.put(given)
    for each in (child(stored) for child in children):
        each["metadata"]["ownerReferences"] = [owner_reference(stored)]
        found.put(each)
    if nim:
        found.put(nim)
    everything = list(found.server.everything())
    (cache,) = caches.found(everything)
    for write in caches.of(cache, everything, Settings(), now=NOW).writes:
        target = write.target["metadata"]
        found.edit(
            kinds.NIM_CACHE._replace(api_version=write.target["apiVersion"], kind=write.target["kind"]),
            target["name"],
            lambda each, patch=write.patch: each.update(
                merged(each, {"metadata": {k: v for k, v in patch["metadata"].items() if k not in ("resourceVersion", "managedFields")}})
            ),
            NAMESPACE,
        )  # fmt: skip
    return found


def service():
    nim = situation.nimservice(storage={"nimCache": {"name": NAME}}, resources=None)
    nim["metadata"] = {"name": "llama", "namespace": NAMESPACE}
    nim["spec"] = {key: value for key, value in nim["spec"].items() if value is not None}
    return nim


def gpus(found):
    (deployment,) = [each for each in found.server.everything() if each["kind"] == "Deployment"]
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return container.get("resources", {}).get("limits", {}).get("nvidia.com/gpu")


@pytest.mark.parametrize("engine", ENGINES)
def test_a_ready_cache_stays_ready_and_downloads_nothing(engine):
    found = migrated(engine, READY, claim, nim=service())
    before = found.get(kinds.PERSISTENT_VOLUME_CLAIM, f"{NAME}-pvc", NAMESPACE)
    found.settle()
    after = found.get(kinds.PERSISTENT_VOLUME_CLAIM, f"{NAME}-pvc", NAMESPACE)
    assert found.states() == ["Ready"]
    assert after["metadata"]["uid"] == before["metadata"]["uid"]
    assert (found.made("Job", f"{NAME}-job"), found.made("Job", f"{NAME}-probe")) == (0, 0)
    assert found.status()["claimUID"] == after["metadata"]["uid"]
    assert gpus(found) == "8"
    assert found.warnings == []
    assert not found.writes_at_rest()


@pytest.mark.parametrize("engine", ENGINES)
def test_a_running_download_goes_on_and_its_tags_reach_the_nimservice(engine):
    found = migrated(engine, IN_PROGRESS, claim, job, manifest, nim=service())
    found.settle()
    assert found.status()["state"] == "Ready"
    assert (found.made("Job", f"{NAME}-job"), found.made("Job", f"{NAME}-probe")) == (1, 0)
    assert len([m for m in found.timeline if m.type == "ADDED" and m.object["kind"] == "Pod" and "download-to-cache" in str(m.object["spec"])]) == 1  # fmt: skip
    assert found.status()["profiles"][0]["config"]["tp"] == "8"
    assert gpus(found) == "8"
    assert {"InProgress"} <= {*found.states()}
    assert "FailedCreate" not in {reason(moment) for moment in found.timeline}
    assert not found.writes_at_rest()


def reason(moment):
    conditions = (moment.object.get("status") or {}).get("conditions") or []
    return next((each.get("reason") for each in conditions if each["type"] == "Ready"), None)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_failed_download_is_told_and_starts_anew_with_the_hooks(engine):
    found = migrated(
        engine, FAILED, claim, job, manifest, ends=cluster.image(download=cluster.fails(6, "401"))
    )
    found.advance(900)
    found.ends(cluster.image())
    found.settle()
    assert found.status()["state"] == "Ready"
    assert found.made("Job", f"{NAME}-job") == 2
    assert "Failed" in found.states()
    assert found.states()[-1] == "Ready"
    assert not found.writes_at_rest()


@pytest.mark.parametrize("engine", ENGINES)
def test_one_that_the_operator_still_probed_begins_with_a_probe(engine):
    found = migrated(engine, {"state": "NotReady"}, claim)
    found.settle()
    assert found.status()["state"] == "Ready"
    assert found.made("PersistentVolumeClaim", f"{NAME}-pvc") == 1
    assert not found.writes_at_rest()


def test_the_way_back_gives_the_operator_what_it_looks_for():
    found = Cluster(cluster.nimcache())
    found.advance(60)
    everything = list(found.server.everything())
    (cache,) = caches.managed(everything)
    writes, remarks = caches.back(cache, everything)
    after = {
        (w.target["kind"], w.target["metadata"]["name"]): merged(w.target, w.patch) for w in writes
    }
    claimed = after["PersistentVolumeClaim", f"{NAME}-pvc"]["metadata"]
    assert OWNER_LABEL not in claimed["labels"]
    assert LAST_APPLIED not in claimed.get("annotations", {})
    assert claimed["ownerReferences"] == [owner_reference(cache)]
    downloads = after["Job", f"{NAME}-job"]["metadata"]["labels"]
    assert downloads[operator.MANAGED_BY] == operator.NAME
    assert after["NIMCache", NAME]["metadata"]["finalizers"] == []
    assert any(f"kubectl delete job {NAME}-job" in each for each in remarks)


def test_the_command_shows_its_plan(tmp_path, capsys):
    cache = nimcache(IN_PROGRESS)
    file = tmp_path / "live.yaml"
    file.write_text(yaml.safe_dump_all([cache, claim(cache), job(cache), manifest(cache)]))
    assert main(["migrate", "--observed", str(file)]) == 0
    said = capsys.readouterr().out
    assert f"NIMCache {NAMESPACE}/{NAME}: InProgress, and then " in said
    assert f"patch   Job/{NAME}-job: label controller-uid, tags of its profiles" in said

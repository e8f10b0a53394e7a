"""From the source to Ready, in the simulator: what the probe finds decides what is downloaded."""

from dataclasses import replace

import pytest

from hooks.resources import Settings
from nimservice_simulator.controllers.scenarios import READY, SCENARIOS, Ending
from tests.nimcache import cluster, manifests
from tests.nimcache.cluster import NAME, Cluster, settled

NOTHING_KNOWN = Settings()
DISCOVERY = Settings(gpu_discovery=True)


def download(found):
    """Return command and arguments of the download."""
    return cluster.command(found.job())


def soon(*objects, **options):
    """Return a cluster two minutes later, while the download's Job is there."""
    found = Cluster(*objects, **options)
    found.advance(120)
    return found


def test_an_image_without_manifest_is_native():
    found = soon(cluster.nimcache(), ends=cluster.image(None))
    assert (found.status()["state"], found.status()["type"]) == ("Ready", "native")
    assert download(found) == []
    assert cluster.variables(found.job()) == {
        "NIM_ENGINE_MODEL_DOWNLOAD_ONLY": "1",
        "NIM_ENGINE_MODEL_PATH": "/model/llama-cache",
    }


def test_an_image_without_shell_is_native():
    def ends(start):
        if start.pod["metadata"]["labels"]["apps.nvidia.com/nimcache-role"] == "probe":
            message = 'exec: "sh": executable file not found in $PATH: unknown'
            return Ending(128, message, 0, "StartError")
        return Ending(after=5)

    found = soon(cluster.nimcache(), ends=ends)
    assert (found.status()["state"], found.status()["type"]) == ("Ready", "native")


def test_a_model_of_a_hub_is_downloaded_by_what_the_image_has():
    hub = {"source": {"hf": cluster.HUB}}
    free = soon(cluster.nimcache(**hub), ends=cluster.image(None))
    assert (free.status()["state"], free.status()["type"]) == ("Ready", "model-free")
    assert download(free)[:2] == ["download-to-cache", "--model-uri"]
    legacy = soon(cluster.nimcache(**hub))
    assert (legacy.status()["state"], legacy.status().get("type")) == ("Ready", None)
    assert download(legacy)[:2] == ["huggingface-cli", "download"]


def test_an_image_with_the_hubs_client_alone_downloads_by_it():
    store = {**cluster.HUB, "endpoint": "http://store/v1/hf", "namespace": "default"}
    for source in ({"hf": cluster.HUB}, {"dataStore": store}):
        found = soon(cluster.nimcache(source=source), ends=cluster.image(client=True))
        assert (found.status()["state"], found.status().get("type")) == ("Ready", None)
        assert download(found)[:2] == ["huggingface-cli", "download"]
    data = {
        **{key: value for key, value in store.items() if key != "modelName"},
        "datasetName": "d",
    }
    found = soon(cluster.nimcache(source={"dataStore": data}), ends=cluster.image(client=True))
    assert found.status()["state"] == "Ready"
    assert download(found)[-2:] == ["--repo-type", "dataset"]


def test_an_image_of_ngc_with_that_client_is_native_all_the_same():
    found = soon(cluster.nimcache(), ends=cluster.image(client=True))
    assert (found.status()["state"], found.status()["type"]) == ("Ready", "native")


def test_a_data_set_that_the_image_cannot_download_is_refused_with_a_sentence():
    data = {key: value for key, value in cluster.HUB.items() if key != "modelName"}
    source = {"source": {"hf": {**data, "datasetName": "d"}}}
    found = settled(cluster.nimcache(**source), ends=cluster.image(None))
    assert (found.status()["state"], found.reason()) == ("Failed", "DatasetUnsupported")
    assert found.job() is None
    assert not found.writes_at_rest()


def test_an_image_that_serves_any_model_needs_no_probe():
    found = soon(cluster.nimcache(**cluster.ngc(modelEndpoint="ngc://x:1")))
    assert found.status()["state"] == "Ready"
    assert found.made("Job", f"{NAME}-probe") == 0
    assert download(found)[0] == "create-model-store"


def test_all_profiles_are_taken():
    found = soon(cluster.nimcache(**cluster.ngc(model={"profiles": ["all"]})))
    assert download(found) == ["download-to-cache", "--all"]
    assert "profiles" not in found.status()


def test_named_profiles_are_looked_up():
    wanted = [manifests.name(3), manifests.name(1)]
    found = soon(cluster.nimcache(**cluster.ngc(model={"profiles": wanted})))
    assert download(found) == ["download-to-cache", "--profiles", *wanted]
    assert [each["config"]["tp"] for each in found.status()["profiles"]] == ["8", "2"]


def test_a_profile_that_the_image_has_not_is_told_with_some_that_it_has():
    found = settled(cluster.nimcache(**cluster.ngc(model={"profiles": ["fp9"]})))
    assert (found.status()["state"], found.reason()) == ("Failed", "UnknownProfile")
    assert "no profile fp9. It has " in found.condition()["message"]
    assert found.condition("Stalled")["status"] == "True"
    assert found.condition("NIM_CACHE_RECONCILE_FAILED")["status"] == "True"


def degraded(found):
    """Return every reason that a NIMCache was Degraded for."""
    return {
        each["reason"]
        for moment in found.timeline
        if moment.object["kind"] == "NIMCache"
        for each in (moment.object.get("status") or {}).get("conditions", [])
        if each["type"] == "Degraded"
    }


UNREADABLE = {
    "garbage": lambda _: Ending(0, "v1 1 99 gzip xx", 1),
    "no words": lambda _: Ending(0, "", 1),
    "an error": lambda _: Ending(3, "cannot write", 1),
}


def probed_by(probe):
    def ends(start):
        role = start.pod["metadata"]["labels"]["apps.nvidia.com/nimcache-role"]
        return probe(start) if role == "probe" else Ending(after=5)

    return ends


@pytest.mark.parametrize("case", UNREADABLE)
@pytest.mark.parametrize("profiles", [["all"], ["fp8", "int4"]])
def test_a_probe_that_cannot_be_read_does_not_stand_in_the_way_of_names(case, profiles):
    cache = cluster.nimcache(**cluster.ngc(model={"profiles": profiles}))
    found = Cluster(cache, ends=probed_by(UNREADABLE[case]))
    found.advance(400)
    assert found.status()["state"] == "Ready"
    arguments = ["--all"] if profiles == ["all"] else ["--profiles", *profiles]
    assert download(found) == ["download-to-cache", *arguments]
    assert {"ManifestUnreadable", "ProbeFailed"} & degraded(found)


def test_without_names_an_unreadable_manifest_holds():
    found = settled(cluster.nimcache(), ends=probed_by(UNREADABLE["garbage"]))
    assert (found.status()["state"], found.reason()) == ("NotReady", "ManifestUnreadable")
    assert found.job() is None
    assert not found.writes_at_rest()


def test_a_probe_that_fails_is_tried_again():
    found = Cluster(cluster.nimcache(), ends=probed_by(UNREADABLE["an error"]))
    found.advance(50)
    assert "The attempt before" in found.condition()["message"]
    found.advance(70)
    assert (found.status()["state"], found.reason()) == ("NotReady", "ProbeFailed")
    assert "exit code 3" in found.condition()["message"]
    found.ends(cluster.image())
    found.settle()
    assert found.status()["state"] == "Ready"


def test_a_user_can_say_what_the_image_is():
    said = {"apps.nvidia.com/model-layout": "native"}
    found = soon(cluster.nimcache(annotations=said))
    assert (found.status()["state"], found.status()["type"]) == ("Ready", "native")
    assert found.made("Job", f"{NAME}-probe") == 0


def test_nothing_known_of_the_gpus_and_several_fit_is_a_question():
    found = settled(cluster.nimcache(), settings=NOTHING_KNOWN)
    assert (found.status()["state"], found.reason()) == ("NotReady", "GPUUnknown")
    assert found.condition("Stalled")["status"] == "True"
    assert found.job() is None
    assert not found.writes_at_rest()
    given = cluster.nimcache()["spec"]["source"]["ngc"]
    model = {**given["model"], "gpus": [{"product": "H100"}]}
    found.edit_spec(source={"ngc": {**given, "model": model}})
    found.settle()
    assert found.status()["state"] == "Ready"
    assert [each["config"]["gpu"] for each in found.status()["profiles"]] == ["H100"]
    assert found.made("Job", f"{NAME}-probe") == 1


def test_a_node_selector_names_the_gpu():
    spec = {"nodeSelector": {"nvidia.com/gpu.product": "NVIDIA-A100-SXM4-40GB"}}
    found = settled(cluster.nimcache(**spec), settings=NOTHING_KNOWN)
    assert [each["config"]["gpu"] for each in found.status()["profiles"]] == ["A100_SXM4_40GB"]


def test_nodes_tell_their_gpus():
    nodes = [cluster.node("a", "NVIDIA-H100-80GB-HBM3"), cluster.node("b", "NVIDIA-H100-PCIe")]
    found = settled(*nodes, cluster.nimcache(), settings=DISCOVERY)
    assert [each["config"]["gpu"] for each in found.status()["profiles"]] == ["H100"]


def test_a_node_that_comes_later_answers_the_question():
    found = settled(cluster.nimcache(), settings=DISCOVERY)
    assert found.reason() == "GPUUnknown"
    found.put(cluster.node("a", "NVIDIA-H100-80GB-HBM3"))
    found.settle()
    assert found.status()["state"] == "Ready"


def test_nothing_fits_and_the_status_says_what_there_is():
    model = {"engine": "tensorrt_llm", "precision": "int4"}
    found = settled(cluster.nimcache(**cluster.ngc(model=model)))
    assert (found.status()["state"], found.reason()) == ("Failed", "NoProfileMatches")
    assert "precision int4" in found.condition()["message"]
    assert "bf16, fp8" in found.condition()["message"]


CAUSES = {
    "image-pull": ("Pending", "ImagePullBackOff"),
    "unschedulable": ("Pending", "Unschedulable"),
}


@pytest.mark.parametrize("scenario", CAUSES)
def test_what_keeps_the_probe_from_running_is_told(scenario):
    found = Cluster(cluster.nimcache(), scenario=SCENARIOS[scenario])
    found.advance(300)
    assert (found.status()["state"], found.reason()) == CAUSES[scenario]


def test_a_missing_label_of_nodes_is_named():
    words = "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."
    unschedulable = SCENARIOS["unschedulable"]
    from nimservice_simulator.controllers import podstates  # noqa: PLC0415

    scenario = replace(unschedulable, plan=lambda _: ((1, podstates.unschedulable(words)),))
    found = Cluster(cluster.nimcache(), scenario=scenario)
    found.advance(100)
    assert found.reason() == "Unschedulable"
    assert "feature.node.kubernetes.io/pci-10de.present" in found.condition()["message"]
    assert "set spec.nodeSelector" in found.condition()["message"]


def test_a_quota_that_admits_no_pod_is_looked_for_in_events():
    found = Cluster(cluster.nimcache(), scenario=replace(SCENARIOS["quota"], ends=READY.ends))
    found.advance(200)
    assert found.reason() == "FailedCreate"
    assert "kubectl describe job llama-cache-probe -n nim" in found.condition()["message"]


def test_memory_that_does_not_suffice_is_told_with_the_field():
    full = cluster.image(download=lambda _: Ending(137, "", 5, "OOMKilled"))
    found = Cluster(cluster.nimcache(resources={"memory": "1Gi"}), ends=full)
    found.advance(900)
    assert (found.status()["state"], found.reason()) == ("Failed", "OOMKilled")
    assert "raise spec.resources.memory" in found.condition()["message"]


def test_a_spec_that_is_refused_does_not_end_what_is_ready():
    found = settled(cluster.nimcache())
    cache = found.cache()
    containers = [{"name": "nim-cache-ctr", "image": {"repository": "a", "tag": "1"}}]
    found.edit_spec(initContainers=containers)
    found.settle()
    assert (found.status()["state"], found.reason()) == ("Failed", "InvalidSpec")
    found.edit_spec(initContainers=[])
    found.settle()
    assert found.status()["state"] == "Ready"
    assert found.made("Job", f"{NAME}-job") == 1
    assert cache["status"]["claimUID"] == found.status()["claimUID"]


def test_a_namespace_on_openshift_has_an_account_for_the_pods():
    found = settled(
        cluster.nimcache(), settings=Settings(openshift=True, gpu_products="NVIDIA-H100-PCIe")
    )
    assert found.status()["state"] == "Ready"
    assert {obj["kind"] for obj in found.children(found.cache())} >= {
        "ServiceAccount",
        "Role",
        "RoleBinding",
    }
    assert not found.writes_at_rest()

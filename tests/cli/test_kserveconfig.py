"""What doctor says of KServe's configuration."""

import io
import json
import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest

from hooks.cli import doctor
from hooks.cli.diagnosis import Diagnosis
from hooks.cli.kserveconfig import faults
from hooks.cluster.api import Forbidden, NotFound
from hooks.kernel import lastapplied
from hooks.nimservice import kinds

RECORD = lastapplied.LAST_APPLIED
SHIPPED = {"resource": {"cpuLimit": "1", "memoryLimit": "2Gi"}}
INFERENCE = kinds.INFERENCE_SERVICE


class Served:
    """An API server with KServe's ConfigMap in some namespaces, or an error in its place, and with
    some Deployments, StatefulSets and CompositeControllers."""

    def __init__(self, configs, *workloads, component=True, serves=True):
        self.configs, self.workloads, self.serves = configs, workloads, serves
        rule = {"apiVersion": INFERENCE.api_version, "resource": INFERENCE.plural}
        parent = {"apiVersion": "apps.nvidia.com/v1alpha1", "resource": "nimservices"}
        spec = {"parentResource": parent, "childResources": [rule] * component}
        self.composite = {"metadata": {"name": "nimservice"}, "spec": spec}
        self.connection = SimpleNamespace(request=self.request)

    def path(self, kind, namespace, name):
        return f"/api/v1/namespaces/{namespace}/{kind.plural}/{name}"

    def request(self, verb, path):
        assert verb == "GET"
        assert path.endswith("/configmaps/inferenceservice-config")
        found = self.configs.get(path.split("/")[4], NotFound(path))
        if isinstance(found, Exception):
            raise found
        return found

    def list(self, kind):
        if kind.kind == "CompositeController":
            return [self.composite]
        return [each for each in self.workloads if each["kind"] == kind.kind]

    def find_plural(self, _api_version, plural):
        return plural if self.serves or plural != INFERENCE.plural else None


def config(value):
    text = value if isinstance(value, str) else json.dumps(value)
    return {"data": {"inferenceService": text, "deploy": "{}"}}


def workload(kind, name, namespace, image, *args):
    containers = [{"name": "c", "image": image, "args": list(args)}]
    return {
        "kind": kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": {"template": {"spec": {"containers": containers}}},
    }


def told(configs, *namespaces):
    return list(faults(Served(configs), namespaces))


def patched(remedy, value):
    """Return KServe's configuration after the command of a remedy."""
    words = shlex.split(remedy.removeprefix("run "))
    assert words[:4] == ["kubectl", "patch", "configmap", "inferenceservice-config"]
    assert words[6:9] == ["--type", "merge", "-p"]
    patch = json.loads(words[9])
    assert list(patch) == ["data"]
    return {**value["data"], **patch["data"]}


@pytest.mark.parametrize(
    "value",
    [
        {},
        SHIPPED,
        {"serviceAnnotationDisallowedList": ["a/b", "it's"], "serviceLabelDisallowedList": ["c"]},
        {"serviceAnnotationDisallowedList": None},
    ],
    ids=["nothing", "as shipped", "lists", "null"],
)
def test_the_command_adds_the_record_and_keeps_all_else(value):
    there = config(value)
    (fault,) = told({"kserve": there})
    assert fault.subject == "ConfigMap kserve/inferenceservice-config"
    assert fault.message.startswith(f"does not list {RECORD}, so KServe copies it to the pods")
    after = patched(fault.remedy, there)
    listed = value.get("serviceAnnotationDisallowedList") or []
    wanted = {**value, "serviceAnnotationDisallowedList": [*listed, RECORD]}
    assert json.loads(after["inferenceService"]) == wanted
    assert after["deploy"] == "{}"
    assert told({"kserve": {"data": after}}) == []


def test_without_its_key_the_command_makes_it():
    (fault,) = told({"kserve": {"data": None}})
    after = patched(fault.remedy, {"data": {}})
    assert json.loads(after["inferenceService"]) == {"serviceAnnotationDisallowedList": [RECORD]}


def test_the_installation_page_has_the_command_for_kserve_as_it_is_shipped():
    """KServe 0.15.0 and 0.20.0 have the same there."""
    amounts = {"cpuLimit": "1", "memoryLimit": "2Gi", "cpuRequest": "1", "memoryRequest": "2Gi"}
    (fault,) = told({"kserve": config({"resource": amounts})})
    page = Path(__file__).parents[2] / "metacontroller" / "README.md"
    assert f"\n{fault.remedy.removeprefix('run ')}\n" in page.read_text()


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Forbidden("no"), "cannot be read with your rights, so it is unknown whether"),
        (NotFound("no"), "does not exist, so it is unknown whether"),
        (config("{# a comment\n}"), "has no JSON object in inferenceService"),
        (config("[]"), "has no JSON object in inferenceService"),
        (config({"serviceAnnotationDisallowedList": "x"}), "has no JSON object"),
        (config("[" * 100_000), "has no JSON object"),
        (config('{"limit": NaN}'), "has no JSON object"),
        (config('{"limit": 1e999}'), "has no JSON object"),
    ],
    ids=["denied", "missing", "no json", "no object", "no list", "deep", "NaN", "infinite"],
)
def test_what_cannot_be_read_is_said(found, words):
    (fault,) = told({"kserve": found})
    assert words in fault.message
    assert fault.remedy


def lines(*workloads, needed=(), namespace="", configs=None, **options):
    spaces = {"kserve": config(SHIPPED), "models": config(SHIPPED)} if configs is None else configs
    served = Served(spaces, *workloads, **options)
    return list(Diagnosis(served).of_kserve(dict.fromkeys(needed, "x"), namespace))


KSERVE = workload("Deployment", "kserve-controller-manager", "models", "kserve/controller:v0.20.0")


def engine(*args):
    return workload("StatefulSet", "metacontroller", "m", "metacontroller:v4.17.2", *args)


def test_kserve_is_looked_for_by_its_controller():
    assert [line.split(": ")[0] for line in lines(KSERVE)] == [
        "ConfigMap models/inferenceservice-config"
    ]
    assert lines()[0].startswith("ConfigMap kserve/inferenceservice-config: does not list")
    assert lines(KSERVE, namespace="kserve")[0].startswith("ConfigMap kserve/")


def test_it_is_looked_at_where_the_component_is_installed_or_needed():
    assert lines(component=False) == []
    assert lines(component=False, needed=["ingress"]) == []
    assert lines(component=False, needed=["kserve"])
    assert lines(serves=False) == [], "another line says that the cluster lacks the API"


def test_server_side_apply_leaves_no_record_to_copy():
    assert lines(engine("--apply-strategy=server-side-apply")) == []
    assert lines(engine())
    assert lines(engine("--apply-strategy=dynamic-apply"))


def test_a_terminal_gets_the_command_on_one_line(monkeypatch):
    value = {"resource": {"cpuLimit": "1"}, "note": "words  with spaces, " * 20}
    line = lines(KSERVE, configs={"models": config(value)})[0]
    screen = io.StringIO()
    monkeypatch.setattr(screen, "isatty", lambda: True)
    monkeypatch.setattr("sys.stdout", screen)
    doctor._say(line)
    printed = screen.getvalue().splitlines()
    assert printed[-2].endswith("restarts them; run")
    assert printed[-1] == line.partition("; run ")[2]
    assert (
        json.loads(patched(printed[-1], {"data": {}})["inferenceService"])["note"] == value["note"]
    )

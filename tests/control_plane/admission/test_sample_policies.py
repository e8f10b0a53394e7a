"""The sample policies of ``metacontroller/policies`` as the API server runs them: what they admit,
what they refuse, and that they hold up no deletion."""

import copy
from pathlib import Path

import pytest

from hooks.cluster.api import ApiError, Resource
from hooks.nimservice import kinds
from tests.control_plane.cluster import USER, manifests
from tests.nimcache.cluster import nimcache
from tests.nimservice.children.endpointpicker import picked

FOLDER = Path(__file__).parents[3] / "metacontroller" / "policies"
GROUP = "admissionregistration.k8s.io/v1"
POLICY = Resource(
    GROUP, "ValidatingAdmissionPolicy", "validatingadmissionpolicies", namespaced=False
)
BINDING = Resource(
    GROUP, "ValidatingAdmissionPolicyBinding", "validatingadmissionpolicybindings", namespaced=False
)
OURS = {"repository": "nvcr.io/nim/meta/llama", "tag": "1"}
THEIRS = {"repository": "docker.io/theirs", "tag": "1"}
GATEWAY = {"name": "shared", "namespace": "gateways"}


def beside(image):
    return [{"name": "beside", "image": image}]


def picker(image):
    made = picked.expose({"image": image})
    made["router"]["gateway"] = GATEWAY
    return made


def router(**fields):
    given = {"hostDomainName": "models.example.com", "ingress": {"ingressClass": "nginx"}, **fields}
    return {"expose": {"router": {key: each for key, each in given.items() if each is not None}}}


def volume(**source):
    return {"volumes": [{"name": "further", **source}]}


def sidecar(**fields):
    return {"sidecarContainers": [{**beside(OURS)[0], **fields}]}


def init(**fields):
    return {"initContainers": sidecar(**fields)["sidecarContainers"]}


def mounted_token(**source):
    return volume(projected={"sources": [source]})


def other_host(handler="httpGet"):
    return {handler: {"port": 80, "host": "169.254.169.254"}}


OWN_PORT = {"httpGet": {"port": 80, "path": "/"}}


def probed(probe):
    """Return a picker that asks another host."""
    made = picker(OURS)
    made["router"]["eppConfig"][probe] = other_host()
    return made


ADMITTED_VOLUMES = (
    {"configMap": {"name": "c"}},
    {"csi": {"driver": "d"}},
    {"downwardAPI": {"items": []}},
    {"emptyDir": {}},
    {"ephemeral": {}},
    {"persistentVolumeClaim": {"claimName": "c"}},
    {"projected": {"sources": [{"secret": {"name": "s"}}]}},
    {"secret": {"secretName": "s"}},
)
REFUSED_VOLUMES = (
    {"hostPath": {"path": "/etc"}},
    {"nfs": {"server": "10.0.0.1", "path": "/"}},
    {"iscsi": {"targetPortal": "10.0.0.1", "iqn": "iqn.2001-04.com.example:x", "lun": 0}},
    {"image": {"reference": "nvcr.io/nim/x:1"}},
    {},
)
PROBES = ("startupProbe", "livenessProbe", "readinessProbe")

SNIPPET = {"nginx.ingress.kubernetes.io/configuration-snippet": "return 200;"}
TIMEOUT = {"nginx.ingress.kubernetes.io/proxy-read-timeout": "600"}

ADMITTED = {
    "registries": [
        {},
        {"sidecarContainers": beside(OURS), "initContainers": beside(OURS)},
        {"expose": picker(OURS)},
        volume(image={"reference": "nvcr.io/nim/adapters:1"}),
        volume(emptyDir={}),
    ],
    "volumes": [{}, *(volume(**each) for each in ADMITTED_VOLUMES)],
    "rights": [
        {"userID": 1000, "groupID": 0},
        {**sidecar(ports=[{"containerPort": 80}]), **init()},
    ],
    "handlers": [
        {},
        {each: {"probe": OWN_PORT} for each in PROBES},
        {**sidecar(**dict.fromkeys(PROBES, OWN_PORT)), **init()},
        sidecar(livenessProbe={"exec": {"command": ["true"]}}),
    ],
    "drains": [{}, {"terminationGracePeriodSeconds": 600}],
    "gateways": [{}, {"expose": {"router": {"gateway": GATEWAY}}}],
    "ingresses": [
        {},
        router(),
        router(annotations=TIMEOUT),
        {**router(), "annotations": {**TIMEOUT, "example.com/team": "ml"}},
        {"annotations": SNIPPET},
    ],
    "service-types": [{}, {"expose": {"service": {"type": "ClusterIP"}}}],
}
REFUSED = {
    "registries": [
        {"image": THEIRS},
        {"image": {"repository": "nvcr.io/nimble/x", "tag": "1"}},
        {"sidecarContainers": beside(THEIRS)},
        {"initContainers": beside(THEIRS)},
        {"expose": picker(THEIRS)},
        volume(image={"reference": "docker.io/theirs:1"}),
    ],
    "volumes": [
        *(volume(**each) for each in REFUSED_VOLUMES),
        mounted_token(serviceAccountToken={"path": "token"}),
        mounted_token(podCertificate={"signerName": "example.com/s", "keyType": "ED25519"}),
        {"storage": {"hostPath": "/models"}},
    ],
    "rights": [
        {"securityContext": {"privileged": True}},
        {"podSecurityContext": {"runAsUser": 0}},
        sidecar(securityContext={"capabilities": {"add": ["SYS_ADMIN"]}}),
        init(securityContext={"runAsUser": 0}),
        {"userID": 0},
        sidecar(ports=[{"containerPort": 80, "hostPort": 80}]),
        init(ports=[{"containerPort": 80, "hostPort": 80}]),
    ],
    "handlers": [
        {"lifecycle": {"preStop": {"exec": {"command": ["true"]}}}},
        *({"expose": probed(probe)} for probe in PROBES),
        *(
            given
            for probe in PROBES
            for handler in ("httpGet", "tcpSocket")
            for given in (
                {probe: {"probe": other_host(handler)}},
                sidecar(**{probe: other_host(handler)}),
                init(**{probe: other_host(handler)}),
            )
        ),
    ],
    "drains": [
        {"podDisruptionBudget": {"minAvailable": 1}},
        {"terminationGracePeriodSeconds": 601},
    ],
    "gateways": [
        {"expose": {"router": {"gateway": {**GATEWAY, "namespace": "payments"}}}},
        {"expose": {"router": {"gateway": {**GATEWAY, "name": "internal"}}}},
    ],
    "ingresses": [
        router(ingress={"ingressClass": "internal"}),
        router(hostDomainName="payments.example.com"),
        router(hostDomainName=None),
        router(annotations=SNIPPET),
        {**router(), "annotations": SNIPPET},
        {"expose": {"ingress": {"enabled": True, "spec": {"ingressClassName": "nginx"}}}},
    ],
    "service-types": [
        {"expose": {"service": {"type": "NodePort"}}},
        {"expose": {"service": {"type": "LoadBalancer"}}},
    ],
}


def nimservice(namespace, name="llama", **spec):
    fields = {"image": OURS, "authSecret": "ngc", "storage": {"pvc": {"name": "models"}}, **spec}
    return {
        "apiVersion": kinds.NIM_SERVICE.api_version,
        "kind": kinds.NIM_SERVICE.kind,
        "metadata": {"name": name, "namespace": namespace},
        "spec": fields,
    }


@pytest.fixture
def install(cluster, namespace):
    """Return a function that installs a file of policies for the test's own namespace."""
    made = []

    def bind(name, refused):
        for obj in manifests(FOLDER / f"{name}.yaml"):
            if obj["kind"] == BINDING.kind:
                here = {"matchLabels": {"kubernetes.io/metadata.name": namespace}}
                obj["spec"]["matchResources"] = {"namespaceSelector": here}
            made.append(cluster.create(obj, manager=USER))
        cluster.until(lambda: cluster.refusal(refused), "the policy is in force")

    yield bind
    for obj in made:
        kind = BINDING if obj["kind"] == BINDING.kind else POLICY
        cluster.delete(kind, "", obj["metadata"]["name"])


def test_there_is_a_case_for_every_file():
    assert {path.stem for path in FOLDER.glob("*.yaml")} == {*ADMITTED} == {*REFUSED}


@pytest.mark.parametrize("name", REFUSED)
def test_a_policy_refuses_what_it_says_and_nothing_else(cluster, namespace, install, name):
    install(name, nimservice(namespace, **REFUSED[name][0]))
    for spec in ADMITTED[name]:
        assert cluster.refusal(nimservice(namespace, **spec)) == ""
    for spec in REFUSED[name]:
        refusal = cluster.refusal(nimservice(namespace, **spec))
        assert f"'nimservices-{name}'" in refusal, spec
        assert "expression" not in refusal, "it says what to write instead"


@pytest.mark.parametrize("name", REFUSED)
def test_what_was_there_before_can_be_labelled_and_deleted(cluster, namespace, install, name):
    """Whoever may not take a finalizer off holds up the deletion for ever."""
    before = nimservice(namespace, "before", **REFUSED[name][0])
    before["metadata"]["finalizers"] = ["example.com/held"]
    cluster.create(before, manager=USER)
    install(name, nimservice(namespace, **REFUSED[name][0]))

    def label(obj):
        obj["metadata"]["labels"] = {"team": "ml"}

    cluster.edit(kinds.NIM_SERVICE, namespace, "before", label)
    edited = copy.deepcopy(before["spec"])
    with pytest.raises(ApiError, match="nimservices-"):
        cluster.edit(
            kinds.NIM_SERVICE,
            namespace,
            "before",
            lambda obj: obj.update(spec={**edited, "replicas": 3}),
        )
    cluster.delete(kinds.NIM_SERVICE, namespace, "before")
    cluster.edit(
        kinds.NIM_SERVICE, namespace, "before", lambda obj: obj["metadata"].pop("finalizers")
    )
    assert cluster.find(kinds.NIM_SERVICE, namespace, "before") is None


def cache(namespace, puller="nvcr.io/nim/meta/llama:1", **spec):
    made = nimcache()
    made["metadata"]["namespace"] = namespace
    made["spec"]["source"]["ngc"]["modelPuller"] = puller
    made["spec"].update(spec)
    return made


def test_a_nimcache_downloads_by_an_image_of_an_allowed_registry(cluster, namespace, install):
    theirs = cache(namespace, "docker.io/theirs:1")
    install("registries", theirs)
    assert "'nimcaches-registries'" in cluster.refusal(theirs)
    assert cluster.refusal(cache(namespace)) == ""
    beside_it = cache(namespace, initContainers=beside(THEIRS))
    assert "'nimcaches-registries'" in cluster.refusal(beside_it)


def test_a_nimcache_downloads_as_no_root(cluster, namespace, install):
    root = cache(namespace, userID=0)
    install("rights", root)
    assert "'nimcaches-rights'" in cluster.refusal(root)
    assert cluster.refusal(cache(namespace, userID=1000, groupID=0)) == ""

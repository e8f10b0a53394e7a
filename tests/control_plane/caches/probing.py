"""Probing: what the probe finds, and what is downloaded for it."""

from hooks.nimcache import kinds
from tests.control_plane.caches.common import (
    BUSYBOX,
    DEPLOYMENT,
    GAWK,
    NAMED,
    case,
    said_of,
    stays,
    user,
)
from tests.control_plane.kubelet import Image, Play
from tests.control_plane.sidebyside import Action
from tests.nimcache import manifests
from tests.nimcache.cluster import HUB, ngc, variables


@case
def filled(lab):
    """Its writes are counted, and its Jobs go."""
    lab.cache("filled")
    yield from lab.reaches("filled", "Ready", "Ready")
    assert lab.runs("filled") == [["download-to-cache", "--profiles", manifests.name(0)]]
    status = lab.status("filled")
    assert status["claimUID"] == lab.claim("filled")["metadata"]["uid"]
    assert [each["config"]["tp"] for each in status["profiles"]] == ["1"]
    while lab.job("filled", "probe"):
        yield "the probe's Job is gone"
    yield Action.LATER
    yield from lab.gone(kinds.JOB, "filled-job")
    assert lab.states("filled")[-1] == "Ready"
    assert set(lab.states("filled")) <= {"PVC-Created", "Pending", "Started", "InProgress", "Ready"}
    writes = lab.written("filled", "filled-job", "filled-probe", "filled-pvc")
    counted = [each for each in writes if each != "delete jobs/filled-job"]
    assert len(counted) <= 10, "\n".join(writes)


SHAPES = {
    "a_map": Image(),
    "a_list": Image(manifests.listed(12), shell=BUSYBOX, awk=GAWK),
    "a_list_at_another_path": Image(
        manifests.listed(12), path="/opt/nim/etc/config/default/model_manifest.yaml", shell="bash"
    ),
    "as_many_as_fit": Image(manifests.listed(190), awk=GAWK),
    "beside_a_sidecar": Image(manifests.mapped(57), sidecars=1),
    "without_tools": Image(
        "".join(
            f"{manifests.name(each)}:\n  tags: {{gpu: H100, llm_engine: tensorrt_llm, tp: '{each + 1}'}}\n"
            for each in range(8)
        ),
        shell=BUSYBOX,
        awk=None,
        tools=(),
    ),
}


@case
def every_shape(lab):
    """Manifests of every shape are packed by the probe, and a profile is chosen of each."""
    names = {f"shape-{case.replace('_', '-')}": image for case, image in SHAPES.items()}
    for name, image in names.items():
        lab.cache(name, Play(image))
    for name in names:
        yield from lab.reaches(name, "Ready")
        assert manifests.name(0) in lab.runs(name)[0], name
        assert {each["config"]["tp"] for each in lab.status(name)["profiles"]} == {"1"}


@case
def molmim(lab):
    lab.cache("molmim", Play(Image(manifests.molmim())), **ngc(model={"engine": "triton"}))
    yield from lab.reaches("molmim", "Ready")
    assert [each["name"] for each in lab.status("molmim")["profiles"]] == ["abc"]


@case
def unread(lab):
    """A manifest that is too large, cut or none holds where a choice is to be made, and does not
    where profiles are named."""
    images = {
        "too-large": Image(manifests.mapped(400)),
        "cut": Image(manifests.mapped(150), sidecars=1),
        "none": Image("- a\n- b\n"),
        "hostile": Image("a: &x [1]\nb: *x\n"),
    }
    for name, image in images.items():
        lab.cache(f"unread-{name}", Play(image))
        lab.cache(f"named-{name}", Play(image), **ngc(model=NAMED))
    for name in images:
        reason = "ManifestTooLarge" if name == "too-large" else "ManifestUnreadable"
        yield from lab.reaches(f"unread-{name}", "NotReady", reason)
        assert not lab.runs(f"unread-{name}")
        yield from lab.reaches(f"named-{name}", "Ready")
        assert lab.runs(f"named-{name}")[0][2:] == NAMED["profiles"]


@case
def native(lab):
    """An image without manifest, and one without a shell, however its runtime says so; a NIMService
    serves from it."""
    no_shell = 'exec: "sh": executable file not found in $PATH: unknown'
    end = {"exitCode": 128, "reason": "StartError", "message": no_shell}
    names = {"name": "page-1", "image": "i", "imageID": "", "ready": False, "restartCount": 0}
    started = {
        "phase": "Failed",
        "initContainerStatuses": [{**names, "state": {"terminated": end}}],
    }
    waiting = {"waiting": {"reason": "CreateContainerError", "message": no_shell}}
    created = {"phase": "Pending", "initContainerStatuses": [{**names, "state": waiting}]}
    lab.cache("native", Play(Image(None)))
    lab.cache("start-error", stays("probe", **started))
    lab.cache("create-error", stays("probe", **created))
    lab.put(user(lab, "native"))
    for name in ("native", "start-error", "create-error"):
        yield from lab.reaches(name, "Ready")
        assert lab.status(name)["type"] == "native"
        assert lab.runs(name) == [[]]
    while said_of(lab, "native").get("reason") != "Ready":
        yield f"the NIMService is Ready, not {said_of(lab, 'native')}"
    pod = lab.cluster.get(DEPLOYMENT, lab.namespace, "native")
    (container,) = pod["spec"]["template"]["spec"]["containers"]
    mounts = {each["mountPath"] for each in container["volumeMounts"]}
    assert mounts, container


@case
def of_a_hub(lab):
    source = {"source": {"hf": HUB}}
    lab.cache("hub-free", Play(Image(None)), **source)
    lab.cache("hub-legacy", **source)
    yield from lab.reaches("hub-free", "Ready")
    assert (lab.status("hub-free")["type"], lab.runs("hub-free")[0][:2]) == (
        "model-free",
        ["download-to-cache", "--model-uri"],
    )
    yield from lab.reaches("hub-legacy", "Ready")
    assert lab.runs("hub-legacy")[0][:2] == ["huggingface-cli", "download"]


@case
def nothing_fits(lab):
    lab.cache("int4", **ngc(model={"precision": "int4"}))
    yield from lab.reaches("int4", "Failed", "NoProfileMatches")
    assert "bf16, fp8" in lab.said("int4")["message"]


@case
def little_said(lab):
    """No node selector, no access mode, and a proxy, in a namespace that enforces restricted."""
    storage = {"pvc": {"create": True, "size": "1Gi"}}
    lab.cache("little", nodeSelector={}, storage=storage, proxy={"httpsProxy": "http://proxy:3128"})
    yield from lab.reaches("little", "Ready")
    job = lab.found(kinds.JOB, "little-job")
    assert "nodeSelector" not in job["spec"]["template"]["spec"]
    assert variables(job)["HTTPS_PROXY"] == "http://proxy:3128"
    assert lab.claim("little")["spec"]["accessModes"] == ["ReadWriteOnce"]


@case
def certificates(lab):
    """Their container runs as root, which the namespace refuses: that is told."""
    proxy = {"httpsProxy": "http://proxy:3128", "certConfigMap": "ca"}
    lab.cache("certificates", proxy=proxy)
    while lab.said("certificates", "PodSecurityRestricted").get("reason") != "CertificatesNeedRoot":
        yield "it is told that the certificates need root"
    while not lab.job("certificates"):
        yield "the Job is made"
    yield Action.LATER
    yield from lab.reaches("certificates", "Pending", "FailedCreate")
    assert "kubectl describe job certificates-job" in lab.said("certificates")["message"]
    assert not lab.runs("certificates")

"""Container: why a container does not serve, quoting the kubelet and the container."""

import re
from collections.abc import Iterator
from datetime import timedelta

from hooks.kernel import prose
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import condition, mapping, mappings, moment, number, status, text
from hooks.kernel.pod import command, crash, image
from hooks.kernel.pod.fields import Fields
from hooks.kernel.pod.subject import Subject
from hooks.kernel.pod.trouble import Explanation, Symptom

_CREATING = ("", "ContainerCreating", "PodInitializing")
_MISSING = re.compile(r'(secret|configmap) "([^"]{1,253})" not found')
_MISSING_KEY = re.compile(
    r"couldn't find key (\S{1,253}) in (Secret|ConfigMap) [^/\s]{1,63}/(\S{1,253})"
)


def symptoms(pod: Manifest, fields: Fields) -> Iterator[Symptom]:
    """Yield the symptom of each container that is not ready."""
    for key in ("initContainerStatuses", "containerStatuses"):
        for each in mappings(status(pod).get(key)):
            if each.get("ready") is not True and (
                found := _symptom(Subject(pod, each, fields, init=key.startswith("init")))
            ):
                yield found


def failures(pod: Manifest, fields: Fields) -> Iterator[Symptom]:
    """Yield how containers ended before their pod was deleted, which ends them all."""
    for key in ("initContainerStatuses", "containerStatuses"):
        for each in mappings(status(pod).get(key)):
            before = Subject(pod, {**each, "state": {}}, fields, init=key.startswith("init"))
            if found := crash.symptom(before):
                yield found


def _symptom(subject: Subject) -> Symptom | None:
    waiting, running = mapping(subject.state.get("waiting")), subject.state.get("running")
    reason = text(waiting.get("reason"))
    if reason in image.REASONS:
        return image.symptom(subject, waiting)
    if reason == "CreateContainerConfigError":
        return Symptom(
            reason,
            lambda where: _config(subject, text(waiting.get("message")), where),
            subject.name,
        )
    if reason not in (*_CREATING, "CrashLoopBackOff"):
        return crash.unstarted(subject, reason, text(waiting.get("message")))
    if found := crash.symptom(subject, looping=reason == "CrashLoopBackOff"):
        return found
    return _running(subject, mapping(running)) if isinstance(running, dict) else _creating(subject)


def _config(subject: Subject, message: str, where: str) -> Explanation:
    if found := _MISSING_KEY.search(message[:4096]):
        key, kind, named = found.groups()
        return Explanation(
            f"Key {key} of {kind} {named} is missing for {subject} in {where}", "add the key"
        )
    if found := _MISSING.search(message[:4096]):
        kind = {"secret": "Secret", "configmap": "ConfigMap"}[found[1]]
        return Explanation(
            f"{kind} {found[2]} is missing for {subject} in {where}",
            f"create it in namespace {subject.namespace}",
        )
    remedy = "follow the quoted message"
    if "runAsNonRoot" in message:
        remedy = "set spec.userID to a user of the image other than root"
    said = prose.quoted(prose.of(message, secrets=subject.secrets))
    return Explanation(f"The kubelet cannot configure {subject} in {where}{said}", remedy)


def _running(subject: Subject, running: Manifest) -> Symptom | None:
    since = prose.of(text(running.get("startedAt")), 32)
    if subject.init:
        if subject.status.get("started") is True and subject.spec.get("restartPolicy") == "Always":
            return None
        return Symptom(
            "PodInitializing", lambda where: _initializing(subject, since, where), subject.name
        )
    if subject.status.get("started") is False:
        return Symptom("Starting", lambda where: _starting(subject, since, where), subject.name)
    return Symptom("ContainersNotReady", lambda where: _unready(subject, where), subject.name)


def _initializing(subject: Subject, since: str, where: str) -> Explanation:
    return Explanation(
        f"{subject.capitalized} has been running in {where} since {since}",
        f"see its progress in {subject.log()}",
    )


def _starting(subject: Subject, since: str, where: str) -> Explanation:
    seconds = budget(mapping(subject.spec.get("startupProbe")))
    until = _until(since, seconds)
    allowed = f" (its startup probe allows {seconds} s{until})" if seconds else ""
    return Explanation(
        f"{subject.capitalized} has been starting in {where} since {since}{allowed}",
        f"see its progress in {subject.log()}",
    )


def _unready(subject: Subject, where: str) -> Explanation:
    return Explanation(f"The readiness probe of {subject} fails in {where}", f"see {subject.log()}")


def budget(probe: Manifest) -> int:
    """Return the seconds that a startup probe allows; 0 without one."""
    # 10 and 3 are Kubernetes' own defaults.
    period, failures = (
        number(probe.get("periodSeconds"), 10),
        number(probe.get("failureThreshold"), 3),
    )
    return number(probe.get("initialDelaySeconds")) + period * failures if probe else 0


def _until(since: str, seconds: int) -> str:
    begin = moment(since)
    try:
        end = begin + timedelta(seconds=seconds) if begin else None
    except OverflowError:
        return ""
    return f", until {end:%Y-%m-%dT%H:%M:%SZ}" if end else ""


def _creating(subject: Subject) -> Symptom:
    return Symptom("ContainerCreating", lambda where: _created(subject, where), subject.name)


def _created(subject: Subject, where: str) -> Explanation:
    sandbox, look = (
        condition(subject.pod, "PodReadyToStartContainers"),
        f"see the events in {command.describe(subject.pod, 'pod')}",
    )
    if sandbox.get("status") == "True":
        image = prose.of(subject.image, 256)
        return Explanation(
            f"The node is pulling image {image}, or creating {subject}, in {where}",
            f"wait, because a large image takes minutes, or {look}",
        )
    spec = mapping(subject.pod.get("spec"))
    claims = [
        text(mapping(each.get("persistentVolumeClaim")).get("claimName"))
        for each in mappings(spec.get("volumes"))
    ]
    listed = prose.listed(each for each in claims if each)
    volumes = f"volumes (claim {listed})" if listed else "volumes"
    what = (
        f"the {volumes} or the network"
        if sandbox.get("status") == "False"
        else f"the {volumes}, the network or the image"
    )
    return Explanation(f"Node {subject.node} is still preparing {what} of {where}", look)

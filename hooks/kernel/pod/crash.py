"""Crash: how a container ended, or why it never started, and what its last words were."""

from hooks.kernel import prose
from hooks.kernel.observed import mapping, number, text
from hooks.kernel.pod.subject import Subject
from hooks.kernel.pod.trouble import Symptom

_UNSTARTED = ("StartError", "ContainerCannotRun")
"""The runtime's reasons for a container whose process could not be started."""

_STOPPED = "it was stopped, mostly by its liveness or startup probe; read its log, and give it more time with spec.startupProbe"
_CODES = {
    0: "a server must not end; check spec.command and spec.args",
    126: "its command cannot be executed; check spec.command",
    127: "its command does not exist in the image; check spec.command",
    137: _STOPPED,
    139: "its process crashed (segmentation fault); try another version of the image or of the GPU driver",
    143: _STOPPED,
}


def symptom(subject: Subject, *, looping: bool = False) -> Symptom | None:
    """Return how a container ended that is to run; None where it never did, or runs again.

    Args:
        subject: the container.
        looping: whether the kubelet waits before it starts it again.
    """
    ended = subject.ended
    if not (ended or looping) or (subject.init and _succeeded(subject)) or _back(subject):
        return None
    if ended.get("reason") == "OOMKilled":
        return Symptom("OOMKilled", lambda where: _out_of_memory(subject, where), subject.name)
    if ended.get("reason") in _UNSTARTED:
        return unstarted(subject, "RunContainerError", text(ended.get("message")))
    return Symptom("CrashLoopBackOff", lambda where: _crashed(subject, where), subject.name)


def unstarted(subject: Subject, reason: str, message: str) -> Symptom:
    """Return why a container could not be created or started."""
    known = (
        "RunContainerError"
        if reason in ("RunContainerError", "PostStartHookError", "PreStartHookError")
        else "CreateContainerError"
    )
    return Symptom(known, lambda where: _unstarted(subject, message, where), subject.name)


def _back(subject: Subject) -> bool:
    """Whether it runs again and has got further than before; until its startup probe succeeds, it may end the same way."""
    return subject.state.get("running") is not None and subject.status.get("started") is not False


def _succeeded(subject: Subject) -> bool:
    return number(subject.ended.get("exitCode"), 1) == 0


def _unstarted(subject: Subject, message: str, where: str) -> str:
    low = message[:4096].lower()
    if any(
        word in low
        for word in ("executable file not found", "no such file or directory", "permission denied")
    ):
        remedy = "check spec.command against the image"
    elif any(word in low for word in ("nvidia", "cdi ", "gpu")):
        remedy = f"check the GPU driver and the container toolkit of node {subject.node}"
    else:
        remedy = f"look at the container runtime of node {subject.node}"
    return f"{subject} cannot be started in {where}{prose.quoted(prose.of(message, secrets=subject.secrets))}: {remedy}"


def _out_of_memory(subject: Subject, where: str) -> str:
    limit = text(mapping(mapping(subject.spec.get("resources")).get("limits")).get("memory"))[:32]
    at = f" at its limit of {limit}" if limit else ", and it has no limit of its own"
    remedy = (
        "raise spec.resources.limits.memory"
        if limit
        else "give the pods more room: ask for memory in spec.resources.requests"
    )
    return f"{subject} ran out of memory in {where}{at}{_restarted(subject)}: {remedy}, or serve a smaller profile"


def _crashed(subject: Subject, where: str) -> str:
    code = subject.ended.get("exitCode")
    said = prose.quoted(
        prose.last_lines(text(subject.ended.get("message")), secrets=subject.secrets)
    )
    how = f"ended with exit code {number(code)}" if isinstance(code, int) else "ended"
    log = f"{subject.log(previous=True)} shows why"
    # Signals and exit codes of a shell explain themselves; other codes are the program's own.
    remedy = _CODES.get(number(code, 1), log) if not said or number(code, 1) > 125 else log
    return f"{subject} {how} in {where}{_restarted(subject)}{said}: {remedy}"


def _restarted(subject: Subject) -> str:
    times = subject.restarts
    return f", restarted {times} time{'s' if times > 1 else ''}" if times > 0 else ""

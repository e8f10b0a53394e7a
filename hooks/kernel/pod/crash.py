"""Crash: how a container ended, or why it never started, with its last lines of output."""

from hooks.kernel import prose
from hooks.kernel.observed import mapping, number, text
from hooks.kernel.pod.fields import clauses
from hooks.kernel.pod.subject import Subject
from hooks.kernel.pod.trouble import Explanation, Symptom

_UNSTARTED = ("StartError", "ContainerCannotRun")
"""The runtime's reasons for a container whose process could not be started."""

_MEANINGS = {
    126: "command not executable",
    127: "command not found",
    137: "killed",
    139: "segmentation fault",
    143: "terminated",
}
"""Exit codes of a shell, and of signals."""

_UNTOLD = -1
"""Stands for the exit code of a container that tells none."""

_OF_COMMAND = {
    0: "check that {command} and spec.args start a server",
    126: "check that {command} is an executable file of the image",
    127: "check that {command} exists in the image",
}
_WRONG_IMAGE = "check that the image is that of a NIM"
_BROKEN = "try another version of the image or of the GPU driver"


def symptom(subject: Subject, *, looping: bool = False) -> Symptom | None:
    """Return how a container ended; None if it never ended, or runs again.

    Args:
        subject: the container.
        looping: whether the kubelet waits before it starts the container again.
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
    """Whether it runs again and its startup probe has succeeded: until then it may end again."""
    return subject.state.get("running") is not None and subject.status.get("started") is not False


def _succeeded(subject: Subject) -> bool:
    return number(subject.ended.get("exitCode"), 1) == 0


def _unstarted(subject: Subject, message: str, where: str) -> Explanation:
    low = message[:4096].lower()
    if any(
        word in low
        for word in ("executable file not found", "no such file or directory", "permission denied")
    ):
        command = subject.fields.command
        remedy = f"check {command} against the image" if command else _WRONG_IMAGE
    elif any(word in low for word in ("nvidia", "cdi ", "gpu")):
        remedy = f"check the GPU driver and the container toolkit of node {subject.node}"
    else:
        remedy = f"check the container runtime of node {subject.node}"
    said = prose.quoted(prose.of(message, secrets=subject.secrets))
    return Explanation(f"The container runtime cannot start {subject} in {where}{said}", remedy)


def _out_of_memory(subject: Subject, where: str) -> Explanation:
    limit = text(mapping(mapping(subject.spec.get("resources")).get("limits")).get("memory"))[:32]
    amount = f"memory limit {limit}" if limit else "no memory limit"
    fields = subject.fields
    field = fields.memory_limit if limit else fields.memory_request
    return Explanation(
        f"{subject.capitalized} ran out of memory{_restarted(subject)} in {where} ({amount})",
        clauses(f"raise {field}", fields.lighter),
    )


def _crashed(subject: Subject, where: str) -> Explanation:
    code = number(subject.ended.get("exitCode"), _UNTOLD)
    said = prose.quoted(
        prose.last_lines(text(subject.ended.get("message")), secrets=subject.secrets)
    )
    meaning = f" ({_MEANINGS[code]})" if code in _MEANINGS else ""
    how = "ended" if code == _UNTOLD else f"ended with exit code {code}{meaning}"
    log = (
        f"follow the next attempt with {subject.log(follow=True)}"
        if subject.fields.recreated
        else f"see {subject.log(previous=True)}"
    )
    # Signals and exit codes of a shell explain themselves. Other codes are the program's own.
    remedy = _remedy(subject, code) if not said or code > 125 else ""
    cause = f"{subject.capitalized} {how}{_restarted(subject)} in {where}{said}"
    return Explanation(cause, remedy or log)


def _remedy(subject: Subject, code: int) -> str:
    """Return the remedy for an exit code that explains itself, else nothing."""
    fields = subject.fields
    if code in (137, 143):
        probe = fields.startup_probe
        longer = f", and give it more time with {probe} if a probe stopped it" if probe else ""
        return f"read its log{longer}"
    if code == 139:
        return _BROKEN
    if fields.command:
        return _OF_COMMAND.get(code, "").format(command=fields.command)
    return _WRONG_IMAGE if code in (126, 127) else ""


def _restarted(subject: Subject) -> str:
    times = subject.restarts
    return f" after {times} restart{'s' if times > 1 else ''}" if times > 0 else ""

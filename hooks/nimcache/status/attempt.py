"""Attempt: how a Job's last attempt ended, by its container's message, and the remedy."""

import re
from typing import NamedTuple

from hooks.kernel import prose
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import condition, mapping, mappings, name, number, status, text
from hooks.kernel.pod import command
from hooks.kernel.pod.subject import Subject
from hooks.nimcache.context import Context
from hooks.nimcache.status import symptom


class _Sign(NamedTuple):
    """What a program says, our reason for it, and what to do."""

    pattern: re.Pattern[str]
    reason: str
    remedy: str


def _http(codes: str) -> str:
    """Return the expression for codes of HTTP, but not for other numbers, such as of files."""
    before = r"(?:http(?:/[\d.]+)?|status|code|error|response|got|returned|received)"
    after = (
        r"(?:client error|server error|unauthori[sz]ed|forbidden|not found|payment required"
        r"|bad gateway|service unavailable|gateway)"
    )
    return rf"{before}[^\w\n]{{1,4}}{codes}\b|\b{codes}[^\w\n]{{1,3}}{after}"


_SIGNS = (
    _Sign(
        re.compile(r"no space left on device|disk quota exceeded|errno 28|enospc"),
        "ClaimFull",
        "raise spec.storage.pvc.size where the StorageClass can expand, or create another "
        "NIMCache with a larger claim",
    ),
    _Sign(
        re.compile(
            rf"{_http('401')}|unauthori[sz]ed|invalid (?:api[ _-]?)?(?:key|token|credential)"
            r"|authentication (?:failed|error)"
        ),
        "DownloadUnauthorized",
        "put a valid key into {secret}, which the next attempt reads",
    ),
    _Sign(
        re.compile(
            rf"{_http('40[23]')}|forbidden|payment required|gated repo"
            r"|access to model .* is restricted"
        ),
        "DownloadForbidden",
        "let the account of the key in {secret} use the model: accept its terms or its price, "
        "or use another key",
    ),
    _Sign(
        re.compile(
            rf"{_http('404')}|repository not found|revision not found|does not exist"
            r"|no such profile"
            r"|unknown profile"
        ),
        "DownloadNotFound",
        "check the names in {source}; create another NIMCache where they are wrong",
    ),
    _Sign(
        re.compile(r"certificate|x509|ssl error|sslerror"),
        "DownloadFailed",
        "let the download trust the server: name the CA's ConfigMap in spec.proxy.certConfigMap",
    ),
    _Sign(
        re.compile(
            r"timed? ?out|connection (?:refused|reset|error|aborted)|no such host"
            r"|name or service not known|temporary failure in name resolution"
            rf"|network is unreachable|max retries exceeded|{_http('50[234]')}|proxy ?error"
        ),
        "DownloadFailed",
        "check the way to the model's server: its address, spec.proxy, the network policies",
    ),
    _Sign(
        re.compile(r"exec format error"),
        "DownloadFailed",
        "choose nodes with the processor that the image is made for, by spec.nodeSelector",
    ),
    _Sign(
        re.compile(r"permission denied|read-only file system"),
        "DownloadFailed",
        "let user and group of spec.userID and spec.groupID write to the claim",
    ),
    _Sign(
        re.compile(
            r"executable file not found|not found in \$path|command not found"
            r"|no such file or directory: '?(?:download-to-cache|huggingface-cli)"
        ),
        "DownloadFailed",
        "check that the image is that of a NIM: it lacks the program that downloads",
    ),
)


_DRAINED = ("EvictionByEvictionAPI", "DeletionByTaintManager")
"""Why a pod goes that is not to blame; the Job does not count it."""


def ended(ctx: Context, failed: Manifest) -> Finding:
    """Return how a pod that failed has ended: by its node's doing, else by its container's."""
    if condition(failed, "DisruptionTarget").get("reason") in _DRAINED:
        return _disrupted(failed)
    found = _container(ctx, failed)
    seen = symptom.of(ctx, failed)
    if seen and (found is None or seen.reason != "PodFailed"):
        return symptom.told(seen, failed)
    if found is None:
        return Finding("DownloadFailed", "The last attempt failed and does not say why")
    state = mapping(found.state.get("terminated"))
    said = prose.last_lines(text(state.get("message")), secrets=found.secrets)
    if state.get("reason") == "OOMKilled":
        return _out_of_memory(ctx, found)
    how = f"{found} of pod {found.pod_name} ended with exit code {number(state.get('exitCode'))}"
    sign = next((each for each in _SIGNS if each.pattern.search(said.lower())), None)
    if sign is None:
        return Finding(
            "DownloadFailed", f"{_capital(how)}{prose.quoted(said)}", f"{_log(found)} tells more"
        )
    return Finding(sign.reason, f"{_capital(how)}{prose.quoted(said)}", _filled(ctx, sign.remedy))


def _disrupted(failed: Manifest) -> Finding:
    """Return that a pod had to leave its node."""
    node = text(mapping(failed.get("spec")).get("nodeName"))[:253] or "unknown"
    said = prose.of(text(condition(failed, "DisruptionTarget").get("message")), 200)
    return Finding(
        "DownloadFailed", f"Pod {name(failed)[:253]} had to leave node {node}{prose.quoted(said)}"
    )


def _container(ctx: Context, failed: Manifest) -> Subject | None:
    """Return the container that made a pod fail."""
    for key in ("initContainerStatuses", "containerStatuses"):
        for each in mappings(status(failed).get(key)):
            state = mapping(mapping(each.get("state")).get("terminated"))
            if state and number(state.get("exitCode"), 1) != 0:
                return Subject(failed, each, symptom.fields(ctx), init=key.startswith("init"))
    return None


def _out_of_memory(ctx: Context, found: Subject) -> Finding:
    given = ctx.cache.spec.resources
    limit = f" at its limit of {given.memory}" if given and given.memory else ""
    return Finding(
        "OOMKilled",
        f"{_capital(str(found))} of pod {found.pod_name} ran out of memory{limit}",
        "raise spec.resources.memory" if limit else "set spec.resources.memory to what it needs",
    )


def _filled(ctx: Context, remedy: str) -> str:
    source = ctx.cache.spec.source
    given = source.given
    kind = "ngc" if source.ngc else "hf" if source.hf else "dataStore"
    secret = f"Secret {given.auth_secret if given else ''} of namespace {ctx.namespace}"
    return remedy.format(secret=secret, source=f"spec.source.{kind}")


def _log(found: Subject) -> str:
    return command.log(found.pod, found.name)


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]

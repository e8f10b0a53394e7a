"""Workload: what the controller of a Deployment, or KServe, reports on its pods as a whole."""

import re
from collections.abc import Iterator

from hooks.kernel import prose
from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import condition, mapping, name, status, text
from hooks.kernel.pod import command
from hooks.kernel.pod.trouble import Explanation, Trouble
from hooks.nimservice import kinds
from hooks.nimservice.context import Context

_SUBJECT = re.compile(r'(?:pods|replicasets\.apps) "[^"]{1,253}" is forbidden: ')
_WITHOUT = re.compile(r" for: ([^;\"]{1,1024})")
_QUOTA = re.compile(r"exceeded quota: ([^,\s]{1,253})")
REMEDIES = (
    (
        re.compile(r"unable to validate against any security context constraint"),
        "PodSecurityViolation",
        "let the ServiceAccount use constraints that admit the pods",
    ),
    (
        re.compile(r"violates PodSecurity"),
        "PodSecurityViolation",
        "use a namespace with another standard, or remove the quoted fields",
    ),
    (
        re.compile(r"exceeded quota|failed quota"),
        "QuotaExceeded",
        "raise or free the quota, or request less in spec.resources",
    ),
    (
        re.compile(r"admission webhook|ValidatingAdmissionPolicy|denied the request"),
        "AdmissionDenied",
        "satisfy the quoted policy",
    ),
    (re.compile(r"serviceaccount", re.IGNORECASE), "FailedCreate", "check the ServiceAccount"),
    (re.compile(r"PriorityClass"), "FailedCreate", "correct spec.priorityClassName"),
    (re.compile(r"RuntimeClass"), "FailedCreate", "correct spec.runtimeClassName"),
    (
        re.compile(r"(?:maximum|minimum) .{1,64} usage per|limit to request ratio"),
        "FailedCreate",
        "keep spec.resources within the namespace's LimitRange",
    ),
)
"""A pattern of the API server's message, our reason and the remedy; the first match counts."""

_UNREADY = ("MinimumReplicasUnavailable", "Deploying", "")
"""KServe's reasons that tell no more than the pods do."""


def troubles(ctx: Context) -> Iterator[Trouble]:
    """Yield what is wrong with the workload."""
    if ctx.workload is None:
        return
    if ctx.workload_kind is kinds.INFERENCE_SERVICE:
        yield from _predictor(ctx.workload)
    elif found := uncreated(ctx.workload):
        yield found


def uncreated(deployment: Manifest) -> Trouble | None:
    """Return why a Deployment's pods cannot be created."""
    failure = condition(deployment, "ReplicaFailure")
    if failure.get("status") != "True":
        return None
    message = text(failure.get("message"))[:4096]
    reason, remedy = next(
        ((reason, remedy) for pattern, reason, remedy in REMEDIES if pattern.search(message)),
        ("FailedCreate", "follow the quoted message"),
    )
    if "must specify" in message:
        remedy = _unlimited(message)
    return Trouble(reason, lambda: _uncreated(deployment, message, remedy), name=name(deployment))


def _unlimited(message: str) -> str:
    """Return the remedy for a quota that wants an amount of every container."""
    named = [each for found in _WITHOUT.findall(message) for each in found.split(",")]
    containers = prose.listed(each.strip()[:63] for each in named)
    who = f"container {containers}" if containers else "every container"
    return f"give {who} the amounts in resources, or have a LimitRange give defaults"


def _uncreated(deployment: Manifest, message: str, remedy: str) -> Explanation:
    quota = _QUOTA.search(message)
    over = f", over quota {quota[1]}" if quota else ""
    said = prose.quoted(prose.of(_SUBJECT.sub("", message), 400))
    called = name(deployment)[:253]
    return Explanation(
        f"The API server refuses the pods of Deployment {called}{over}{said}", remedy
    )


def _predictor(service: Manifest) -> Iterator[Trouble]:
    called = name(service)[:253]
    failure = mapping(mapping(status(service).get("modelStatus")).get("lastFailureInfo"))
    if (
        mapping(status(service).get("modelStatus")).get("transitionStatus")
        in ("BlockedByFailedLoad", "InvalidSpec")
        and failure
    ):
        said = prose.reported(text(failure.get("reason")), text(failure.get("message")), 300)
        yield Trouble(
            "PredictorNotReady",
            lambda: Explanation(
                f"InferenceService {called} cannot load its model{prose.quoted(said)}",
                "follow the quoted message",
            ),
            name=called,
        )
        return
    for kind in ("PredictorReady", "IngressReady"):
        unready = condition(service, kind)
        if unready.get("status") == "False" and unready.get("reason", "") not in _UNREADY:
            yield _unready(service, kind, unready)
            return


def _unready(service: Manifest, kind: str, unready: Manifest) -> Trouble:
    called, look = name(service)[:253], command.describe(service, "inferenceservice")
    what = "predictor" if kind == "PredictorReady" else "ingress"
    said = prose.reported(text(unready.get("reason")), text(unready.get("message")), 300)
    return Trouble(
        "PredictorNotReady",
        lambda: Explanation(
            f"The {what} of InferenceService {called} is not ready{prose.quoted(said)}",
            f"see {look}",
        ),
        name=called,
    )

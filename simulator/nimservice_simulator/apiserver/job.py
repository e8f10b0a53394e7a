"""Job: its defaults, the selector and labels that the API server generates, and what it refuses."""

from collections.abc import Iterator

from hooks.cluster.api import Object
from nimservice_simulator.apiserver import podcheck, podspec
from nimservice_simulator.apiserver.shape import WHOLE, struct

SHAPE = struct(spec=struct(template=podspec.TEMPLATE, selector=WHOLE))
IMMUTABLE = tuple(
    f"spec.{name}"
    for name in ("template", "selector", "completions", "completionMode", "podFailurePolicy")
)
"""Kubernetes lets the template of a suspended Job change in some fields.

Here no field of it may.
"""

_PREFIX = "batch.kubernetes.io/"
_NAME, _UID = "job-name", "controller-uid"
_LONGEST_NAME = 63
"""The name becomes a label's value."""


def default(obj: Object) -> None:
    """Fill in what the API server fills in."""
    spec = obj.setdefault("spec", {})
    if "parallelism" not in spec:
        spec.setdefault("completions", 1)
    spec.setdefault("parallelism", 1)
    spec.setdefault("backoffLimit", 6)
    spec.setdefault("completionMode", "NonIndexed")
    spec.setdefault("suspend", False)
    spec.setdefault("manualSelector", False)
    policy = spec.get("podFailurePolicy")
    spec.setdefault("podReplacementPolicy", "Failed" if policy else "TerminatingOrFailed")
    for rule in (policy or {}).get("rules") or []:
        for pattern in rule.get("onPodConditions") or []:
            pattern.setdefault("status", "True")
    template = spec.setdefault("template", {})
    podspec.default(template.setdefault("spec", {}))
    _copy_labels(obj)


def create(obj: Object) -> None:
    """Give a new Job its selector, and its pods the labels that the selector selects."""
    obj["status"] = {}
    spec, meta = obj["spec"], obj["metadata"]
    if not spec["manualSelector"]:
        labels = spec["template"].setdefault("metadata", {}).setdefault("labels", {})
        for prefix in ("", _PREFIX):
            labels.setdefault(prefix + _NAME, meta["name"])
            labels.setdefault(prefix + _UID, meta["uid"])
        spec.setdefault("selector", {}).setdefault("matchLabels", {}).setdefault(
            _PREFIX + _UID, meta["uid"]
        )
    _copy_labels(obj)


def problems(obj: Object, _: Object | None) -> Iterator[str]:
    """Yield what the API server refuses."""
    spec, meta = obj["spec"], obj["metadata"]
    template = spec["template"]
    yield from podcheck.problems(template["spec"], "spec.template.spec")
    if len(meta["name"]) > _LONGEST_NAME:
        yield f'spec.template.labels: Invalid value: "{meta["name"]}": must be no more than {_LONGEST_NAME} bytes'
    labels = (template.get("metadata") or {}).get("labels") or {}
    wanted = (spec.get("selector") or {}).get("matchLabels") or {}
    if any(labels.get(key) != value for key, value in wanted.items()):
        yield "spec.template.metadata.labels: Invalid value: `selector` does not match template `labels`"
    policy = template["spec"]["restartPolicy"]
    if policy not in ("Never", "OnFailure"):
        yield 'spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'
    if "podFailurePolicy" in spec:
        if policy == "OnFailure":
            yield 'spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified'
        if spec["podReplacementPolicy"] != "Failed":
            yield f'spec.podReplacementPolicy: Unsupported value: "{spec["podReplacementPolicy"]}": supported values: "Failed"'


def _copy_labels(obj: Object) -> None:
    """Give a Job without labels those of its pods, as the API server does on each read."""
    labels = (obj["spec"]["template"].get("metadata") or {}).get("labels")
    if labels and not obj["metadata"].get("labels"):
        obj["metadata"]["labels"] = dict(labels)

"""Pods: the pod templates that a release makes of many NIMServices, and what changes in them from
one release to the next.

They are kept in ``tests/releases/<version>/pods.json``, each beside the NIMService and the
NIMCaches that it was made of.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import yaml

from hooks.kernel.document import JSON
from hooks.nimservice.children.multinode import sshkey
from hooks.preview import render
from hooks.resources import Settings
from tests.histories import edits, reasons
from tests.histories.edits import BASES, CACHES, EDITS

FILE = "pods.json"
SAMPLES = Path(__file__).parents[2] / "metacontroller" / "samples"
_WIDE = ("claim", "group by MPI", "by KServe")
"""The NIMServices on which every edit is tried, one for each platform."""


class Change(NamedTuple):
    """A place in a pod template that differs between two releases."""

    case: str
    path: str
    old: Any
    new: Any

    def __str__(self) -> str:
        return f"{self.case}: {self.path}: {self.old!r} → {self.new!r}"

    @property
    def words(self) -> set[str]:
        """The names by which a changelog may call it: the field, what it is in, and the innermost
        thing with a name."""
        fields = re.findall(r"[^.\[\]]+|(?<=\[)[^]]+", self.path)
        return {*fields[-2:], *re.findall(r"\[([^]]*[A-Za-z][^]]*)\]", self.path)[-1:]}


def kept() -> Iterator[JSON]:
    """Yield every case with what it is made of and the pod templates that come out."""
    for name, (nim, others, settings) in _cases():
        if not reasons.refused(nim):
            yield {
                "case": name,
                "nim": nim,
                "others": others,
                "settings": settings,
                "pods": templates(nim, others, settings),
            }


def write(folder: Path) -> None:
    """Write the cases and their pod templates, those that nothing new is in left out."""
    seen: set[str] = set()
    told = []
    for case in kept():
        pods = json.dumps(case["pods"], sort_keys=True)
        if pods not in seen:
            seen.add(pods)
            told.append(json.dumps(case, sort_keys=True))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text("[\n" + ",\n".join(told) + "\n]\n", encoding="utf-8")


def changes(folder: Path) -> list[Change]:
    """Return what is different in the pod templates of now from those of a release."""
    found = []
    for case in json.loads((folder / FILE).read_text(encoding="utf-8")):
        pods = templates(case["nim"], case["others"], case["settings"])
        found += [Change(case["case"], *each) for each in _different(case["pods"], pods, "")]
    return found


def unsaid(found: list[Change], changelog: str, since: str) -> list[Change]:
    """Return the changes that no release after another one tells of under *Restarts pods*."""
    newer = changelog.partition(f"## [{since}]")[0]
    parts = re.findall(
        r"^### Restarts pods\n(.*?)(?=^##|\Z)", newer, flags=re.MULTILINE | re.DOTALL
    )
    said = {
        word
        for part in parts
        for quoted in re.findall(r"`([^`]+)`", part)
        for word in re.split(r"[^\w-]+", quoted)
    }
    return [change for change in found if not change.words & said]


def templates(nim: JSON, others: list[JSON], settings: JSON) -> JSON:
    """Return the pod templates of a NIMService by kind and name of what makes the pods."""
    children = answer(nim, others, Settings(**settings))["children"]
    return {
        f"{child['kind']}/{child['metadata']['name']}": made
        for child in children
        if (made := template(child))
    }


def answer(nim: JSON, others: Iterable[JSON], settings: Settings = Settings()) -> JSON:  # noqa: B008 - settings never change
    """Return the settled answer for a NIMService, with a stand-in for the SSH key: a real one would
    be another each time, and a secret."""
    with mock.patch.object(sshkey, "_private_key", return_value="a2V5"):
        return render.render(nim, others, settings, now=datetime.now(UTC))


def template(child: JSON) -> Any:
    """Return what a child's pods are made of, as far as they restart when it changes; None for what
    makes no pods."""
    match child["kind"]:
        case "Deployment":
            return child["spec"]["template"]
        case "LeaderWorkerSet":
            return child["spec"]["leaderWorkerTemplate"]
        case "InferenceService":
            scaling = (
                "minReplicas",
                "maxReplicas",
                "scaleMetric",
                "scaleMetricType",
                "scaleTarget",
                "autoScaling",
                "deploymentStrategy",
            )
            predictor = {
                key: value
                for key, value in child["spec"]["predictor"].items()
                if key not in scaling
            }
            # KServe gives its pods the labels and annotations of the InferenceService.
            return {
                "metadata": {key: child["metadata"].get(key) for key in ("labels", "annotations")},
                "predictor": predictor,
            }
    return None


def _cases() -> Iterator[tuple[str, tuple[JSON, list[JSON], JSON]]]:
    caches = [edits.cache(name) for name in CACHES]
    for path in sorted(SAMPLES.glob("*.yaml")):
        documents = [each for each in yaml.safe_load_all(path.read_text(encoding="utf-8")) if each]
        others = [_ready(each) for each in documents if each["kind"] == "NIMCache"]
        for nim in (each for each in documents if each["kind"] == "NIMService"):
            yield path.stem, (nim, others, {})
            yield f"{path.stem} on OpenShift", (nim, others, {"openshift": True})
    for base in BASES:
        yield base, (edits.first(base), caches, {})
    for state in edits.CACHE_STATES:
        changed = [edits.cache(CACHES[0], **edits.CACHE_STATES[state])]
        yield f"cached, and the NIMCache is {state}", (edits.first("cached"), changed, {})
    for base in _WIDE:
        first = edits.first(base)
        for group, choices in EDITS.items():
            for number, edit in enumerate(choices):
                yield (
                    f"{base}, {group} {number}",
                    ({**first, "spec": edits.applied(first["spec"], edit)}, caches, {}),
                )


def _ready(cache: JSON) -> JSON:
    profiles = [
        {"name": name, "config": {"tp": "1"}}
        for name in cache["spec"]["source"]["ngc"]["model"].get("profiles", [])
    ]
    return {
        **cache,
        "status": {
            "state": "Ready",
            "pvc": f"{cache['metadata']['name']}-pvc",
            "profiles": profiles,
        },
    }


def _different(old: Any, new: Any, path: str) -> Iterator[tuple[str, Any, Any]]:
    if isinstance(old, list) and isinstance(new, list):
        before, after = _by_name(old), _by_name(new)
        if list(before) != list(after) and before.keys() == after.keys():
            yield f"{path}[order]", list(before), list(after)
        for key in dict.fromkeys([*before, *after]):
            yield from _different(before.get(key), after.get(key), f"{path}[{key}]")
    elif isinstance(old, dict) and isinstance(new, dict):
        for key in sorted({*old, *new}):
            yield from _different(old.get(key), new.get(key), f"{path}.{key}".removeprefix("."))
    elif old != new:
        yield path, old, new


def _by_name(items: list[Any]) -> dict[str, Any]:
    """Return the items of a list by what tells them apart, or by their position."""
    for key in ("name", "mountPath", "containerPort"):
        if all(isinstance(each, dict) and key in each for each in items):
            return {str(each[key]): each for each in items}
    return {str(index): each for index, each in enumerate(items)}

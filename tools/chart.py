"""Chart: makes ``charts/nimservice-hooks`` from ``metacontroller/``, the only source of objects.

``python -m tools.chart FOLDER`` writes the chart to a folder. Each component is a switch of the
values. A template has what the base or its component adds, and what other components change in it
stands under a condition. ``kubectl kustomize`` says what that is: the base alone, each component
alone, and each component that changes others beside all ordinary ones.

``files`` in the chart is a link to ``crds/``.
"""

import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from hooks.kernel import settings
from hooks.nimservice import kinds
from hooks.resources import Settings
from tools import charttexts, release
from tools.conditional import condition, end, entries, value_of

ROOT = Path(__file__).parents[1]
PARTS = ROOT / "metacontroller"
LAST = ("openshift", "tls", "auth", "opt-in")
"""The components that change objects of others, and so come last."""

NAMESPACE = "nimservice-hooks"
CONFIG_MAP = "nimservice-hooks-settings"

Json = Any
Key = tuple[str, str, str]
"""Kind, namespace and name of an object."""


@dataclass(frozen=True)
class Manifest:
    """One object of the installation.

    ``home`` is the component that brings it, None for the base. ``changed`` has the object as other
    components leave it, by their names, and only where they change it.
    """

    home: str | None
    plain: Json
    changed: Mapping[str, Json]


def main(arguments: Sequence[str]) -> None:
    """Write the chart to the folder in the arguments."""
    (folder,) = arguments
    for name, text in files():
        file = Path(folder, name)
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def files() -> Iterator[tuple[str, str]]:
    """Yield the files of the chart, each a path within it and a text."""
    version = release.version_of(ROOT)
    yield "Chart.yaml", _chart(version)
    yield "values.schema.json", json.dumps(_schema(), indent=2) + "\n"
    yield "values.yaml", _values()
    found = manifests()
    yield "templates/NOTES.txt", charttexts.NOTES
    yield "templates/crds.yaml", charttexts.CRDS
    yield "templates/checks.yaml", _checks()
    yield "templates/settings.yaml", _settings(found)
    for home in (None, *components()):
        own = {key: each for key, each in found.items() if each.home == home}
        text = "---\n".join(
            _template(key, each) for key, each in own.items() if key[2] != CONFIG_MAP
        )
        if text:
            yield f"templates/{home or 'base'}.yaml", _conditional(home, text)


def components() -> tuple[str, ...]:
    """Return the names of all components, those that change others at the end."""
    names = sorted(path.name for path in (PARTS / "components").iterdir())
    return (*(name for name in names if name not in LAST), *LAST)


def manifests() -> dict[Key, Manifest]:
    """Return the objects of the installation without those that no component leaves as they are."""
    base = _build()
    alone = {name: _build(name) for name in components()}
    found: dict[Key, Manifest] = {
        key: Manifest(None, plain, _changes(key, plain, alone)) for key, plain in base.items()
    }
    ordinary = [name for name in components() if name not in LAST]
    together = _build(*ordinary)
    beside = {name: _build(*ordinary, name) for name in LAST}
    for home in components():
        for key, plain in alone[home].items():
            if key not in found:
                changed = _changes(key, plain, beside) if together.get(key) == plain else {}
                found[key] = Manifest(home, plain, changed)
    return found


def _changes(key: Key, plain: Json, builds: Mapping[str, dict[Key, Json]]) -> dict[str, Json]:
    return {name: build[key] for name, build in builds.items() if build[key] != plain}


_BUILDS: dict[tuple[str, ...], dict[Key, Json]] = {}


def _build(*parts: str) -> dict[Key, Json]:
    """Return the objects of the base with components, the settings' name without its hash."""
    if parts not in _BUILDS:
        text = re.sub(rf"{CONFIG_MAP}-\w+", CONFIG_MAP, kustomize(parts))
        loaded = yaml.load_all(text, Loader=yaml.CSafeLoader)
        _BUILDS[parts] = {_key(each): each for each in loaded}
    return _BUILDS[parts]


def kustomize(parts: Sequence[str]) -> str:
    """Return the manifests of the base with components, in order."""
    return release.installation("nimservice-hooks", parts)


def _key(manifest: Json) -> Key:
    metadata = manifest["metadata"]
    return manifest["kind"], metadata.get("namespace", ""), metadata["name"]


def _conditional(home: str | None, text: str) -> str:
    if home is None:
        return text
    return f"{{{{- if .Values.components.{value_of(home)} }}}}\n{text}{{{{- end }}}}\n"


# Text

_PLACES = {
    "X-NAMESPACE-X": "{{ .Release.Namespace }}",
    "X-IMAGE-X": '{{ include "nimservice-hooks.image" . }}',
    "X-METACONTROLLER-X": "{{ .Values.metacontroller.image }}",
    "X-CA-X": '{{ .Values.tls.ca | default "the CA goes here" | toJson }}',
    "X-ACCOUNTS-X": "{{ .Values.metacontroller.accounts | toJson }}",
    "X-REPLICAS-X": "{{ .Values.replicas }}",
    "X-CHECKSUM-X": '{{ include "nimservice-hooks.settings" . | sha256sum }}',
}
"""What a template has in place of a word that stands in the manifests until they are text."""

_BLOCKS = {"X-RESOURCES-X": ".Values.resources", "X-PULL-X": ".Values.imagePullSecrets"}
"""The same for whole values: left out where they are empty."""


def _template(key: Key, each: Manifest) -> str:
    plain = _parametrised(each.plain)
    changed = {name: _parametrised(other) for name, other in each.changed.items()}
    text = "".join(f"{line}\n" for line in entries(plain, changed, 0))
    for word, expression in _PLACES.items():
        text = text.replace(word, expression)
    for word, expression in _BLOCKS.items():
        text = re.sub(
            rf"^( *)(\w+): {word}\n",
            lambda found, expression=expression: (
                f"{found[1]}{{{{- with {expression} }}}}\n"
                f"{found[1]}{found[2]}: {{{{- toYaml . | nindent {len(found[1]) + 2} }}}}\n"
                f"{found[1]}{{{{- end }}}}\n"
            ),
            text,
            flags=re.MULTILINE,
        )
    if key[0] == "Namespace" and key[2] == NAMESPACE:
        return f"{{{{- if .Values.namespace.create }}}}\n{text}{{{{- end }}}}\n"
    return text


def _parametrised(manifest: Json) -> Json:
    """Return a manifest with words in the places of the values."""
    text = json.dumps(manifest)
    text = re.sub(rf'"namespace": "{NAMESPACE}"', '"namespace": "X-NAMESPACE-X"', text)
    text = text.replace(f"{NAMESPACE}.{NAMESPACE}", f"{NAMESPACE}.X-NAMESPACE-X")
    text = re.sub(rf'"image": "{NAMESPACE}:[^"]*"', '"image": "X-IMAGE-X"', text)
    text = re.sub(r'"image": "ghcr.io/metacontroller/[^"]*"', '"image": "X-METACONTROLLER-X"', text)
    text = text.replace('"inline": "the CA goes here"', '"inline": "X-CA-X"')
    made = json.loads(text)
    if manifest["kind"] == "Namespace" and manifest["metadata"]["name"] == NAMESPACE:
        made["metadata"]["name"] = "X-NAMESPACE-X"
    if manifest["kind"] == "ValidatingAdmissionPolicy":
        (condition,) = made["spec"]["matchConditions"]
        condition["expression"] = f"{_accounts(manifest)[0]} in X-ACCOUNTS-X"
    if manifest["kind"] == "Deployment":
        made["spec"]["replicas"] = "X-REPLICAS-X"
        template = made["spec"]["template"]
        template["metadata"]["annotations"] = {"checksum/settings": "X-CHECKSUM-X"}
        template["spec"]["imagePullSecrets"] = "X-PULL-X"
        (container,) = template["spec"]["containers"]
        container["resources"] = "X-RESOURCES-X"
    return made


# Values


def _chart(version: str) -> str:
    return f"""\
{charttexts.GENERATED}apiVersion: v2
name: nimservice-hooks
description: NVIDIA's NIMService API as stateless Metacontroller hooks
type: application
version: {version}
appVersion: {version}
kubeVersion: ">=1.30.0-0"
"""


def _settings(found: Mapping[Key, Manifest]) -> str:
    """Return the template of the settings: those of the components, then those of the values."""
    (each,) = [each for key, each in found.items() if key[2] == CONFIG_MAP]
    lines = []
    for name, other in each.changed.items():
        sets = [
            f'{{{{- $_ := set $settings "{setting}" "{value}" }}}}'
            for setting, value in sorted(other["data"].items())
        ]
        lines += [condition([name], 0), *sets, end(0)]
    head = "".join(f"{line}\n" for line in entries(_parametrised(each.plain), {}, 0))
    head = head.replace("X-NAMESPACE-X", _PLACES["X-NAMESPACE-X"])
    return (
        charttexts.HELPERS
        + "".join(f"{line}\n" for line in lines)
        + charttexts.SETTINGS
        + head
        + '{{- with include "nimservice-hooks.settings" . }}\n'
        + "data:\n{{- . | nindent 2 }}\n{{- end }}\n"
    )


def _checks() -> str:
    """Return what lets an installation fail with a word of what to do."""
    needed: dict[str, list[str]] = {}
    for kind in kinds.MANAGED:
        if len(kind.components) == 1 and kind.components != ("base",):
            needed.setdefault(value_of(kind.components[0]), []).append(
                f"{kind.api_version}/{kind.kind}"
            )
    lists = (
        f'"{component}" (list {" ".join(map(json.dumps, apis))})'
        for component, apis in sorted(needed.items())
    )
    return charttexts.CHECKS.replace("NEEDED", " ".join(lists))


def _values() -> str:
    switches = "".join(
        f"  {value_of(name)}: {str(name in release.DEFAULT).lower()}\n" for name in components()
    )
    policy = _build()["ValidatingAdmissionPolicy", "", "nimservice-metacontroller"]
    accounts = "".join(f"  - {each}\n" for each in _accounts(policy)[1])
    end = charttexts.VALUES_END.replace("METACONTROLLER", _metacontroller()).replace(
        "ACCOUNTS", accounts
    )
    return charttexts.VALUES + switches + end


def _accounts(policy: Json) -> tuple[str, list[str]]:
    """Return who a policy asks about, as an expression, and the accounts that it knows."""
    (condition,) = policy["spec"]["matchConditions"]
    subject, accounts = condition["expression"].split(" in ")
    return subject, json.loads(accounts)


def _metacontroller() -> str:
    build = _build("metacontroller")
    ((container,),) = (
        each["spec"]["template"]["spec"]["containers"]
        for each in build.values()
        if each["kind"] == "StatefulSet"
    )
    return str(container["image"])


def _schema() -> Json:
    """Return the JSON schema of the values."""
    text = {"type": "string"}
    switch = {"type": "boolean"}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "global": {"type": "object"},
            "image": _object(
                repository={"type": "string", "minLength": 1},
                tag=text,
                digest={"type": "string", "pattern": "^(sha256:[0-9a-f]{64})?$"},
            ),
            "imagePullSecrets": {"type": "array", "items": _object(name=text)},
            "replicas": {"type": "integer", "minimum": 1},
            "resources": {"type": "object"},
            "settings": {
                "type": "object",
                "additionalProperties": False,
                "properties": {
                    each.variable: {
                        "type": ["string", "integer", "boolean"],
                        "description": each.meaning,
                    }
                    for each in settings.describe(Settings)
                },
            },
            "crds": _object(install=switch),
            "namespace": _object(create=switch),
            "components": _object(**{value_of(name): switch for name in components()}),
            "tls": _object(ca=text),
            "metacontroller": _object(
                image={"type": "string", "minLength": 1},
                accounts={"type": "array", "items": text, "minItems": 1},
            ),
        },
    }


def _object(**properties: Json) -> Json:
    return {"type": "object", "additionalProperties": False, "properties": properties}


if __name__ == "__main__":
    main(sys.argv[1:])

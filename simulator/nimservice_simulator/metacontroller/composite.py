"""Composite: a CompositeController's manifest, read once at start like Metacontroller does."""

from collections.abc import Mapping
from typing import NamedTuple

from hooks.cluster.api import Object, Resource

FINALIZER_PREFIX = "metacontroller.io/compositecontroller-"


class CreateError(Exception):
    """The controller cannot be started as it is written."""


class Hook(NamedTuple):
    """One hook and where it is."""

    name: str
    url: str
    enabled: bool
    """Whether it has a webhook; a finalize hook without one still asks for the finalizer."""


class ChildRule(NamedTuple):
    """One row of ``childResources``."""

    api_version: str
    plural: str
    method: str


class Composite(NamedTuple):
    """All that the loop takes from the manifest."""

    name: str
    manifest: Object
    api_version: str
    plural: str
    label_selector: Object | None
    ignore_status_changes: bool
    generate_selector: bool
    resync_seconds: float | None
    rules: tuple[ChildRule, ...]
    hooks: Mapping[str, Hook]

    @property
    def finalizer(self) -> str:
        """The finalizer put on parents while a finalize hook is configured."""
        return FINALIZER_PREFIX + self.name

    def method(self, resource: Resource) -> str:
        """Return the update strategy of a kind.

        It is looked up by kind and group, whatever the version.
        """
        return next(
            (
                rule.method
                for rule in reversed(self.rules)
                if rule.plural == resource.plural and _group(rule) == resource.group
            ),
            "OnDelete",
        )


def read(manifest: Object) -> Composite:
    """Read a CompositeController; raise CreateError for what Metacontroller would not start."""
    spec = manifest.get("spec") or {}
    if not spec.get("hooks"):
        raise CreateError("no hooks defined")
    parent = spec["parentResource"]
    rules = tuple(
        ChildRule(
            rule["apiVersion"],
            rule["resource"],
            (rule.get("updateStrategy") or {}).get("method") or "OnDelete",
        )
        for rule in spec.get("childResources") or []
    )
    for rule in rules:
        if rule.method not in ("InPlace", "OnDelete"):
            raise CreateError(
                f"{rule.plural}: only the strategies InPlace and OnDelete are simulated"
            )
    return Composite(
        name=manifest["metadata"]["name"],
        manifest=manifest,
        api_version=parent["apiVersion"],
        plural=parent["resource"],
        label_selector=parent.get("labelSelector"),
        ignore_status_changes=bool(parent.get("ignoreStatusChanges")),
        generate_selector=bool(spec.get("generateSelector")),
        resync_seconds=spec.get("resyncPeriodSeconds"),
        rules=rules,
        hooks={name: _hook(name, hook) for name, hook in spec["hooks"].items() if hook is not None},
    )


def _hook(name: str, hook: Object) -> Hook:
    webhook = hook.get("webhook")
    if webhook is None:
        return Hook(name, "", enabled=False)
    if hook.get("version") != "v2" or webhook.get("responseUnMarshallMode") == "loose":
        raise CreateError(f"{name}: only hooks of version v2, read strictly, are simulated")
    return Hook(name, _url(name, webhook), enabled=True)


def _url(name: str, webhook: Object) -> str:
    if webhook.get("url"):
        return str(webhook["url"])
    service, path = webhook.get("service"), webhook.get("path")
    if not service or path is None:
        raise CreateError(f"invalid {name} webhook: neither url nor service and path")
    return f"{service.get('protocol') or 'http'}://{service['name']}.{service['namespace']}:{service.get('port') or 80}{path}"


def _group(rule: ChildRule) -> str:
    group, slash, _ = rule.api_version.partition("/")
    return group if slash else ""

"""Command: kubectl commands that tell more, ready to be copied."""

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import metadata, name, text


def describe(manifest: Manifest, kind: str) -> str:
    """Return the command that shows an object with its events."""
    return f"kubectl describe {kind} {name(manifest)[:253]} -n {_namespace(manifest)}"


def describe_named(kind: str, name: str, beside: Manifest) -> str:
    """Return the command that shows an object by its name, in the namespace of another."""
    return f"kubectl describe {kind} {name[:253]} -n {_namespace(beside)}"


def log(pod: Manifest, container: str, *, previous: bool = False, follow: bool = False) -> str:
    """Return the command that shows the log of a container, or of the one that ran before it."""
    run = " --previous" if previous else " --follow" if follow else ""
    return f"kubectl logs {name(pod)[:253]} -n {_namespace(pod)} -c {container}{run}"


def _namespace(manifest: Manifest) -> str:
    return text(metadata(manifest).get("namespace"))[:63]

"""Subject: a container with a symptom, and what the pod tells of it."""

from dataclasses import dataclass
from functools import cached_property

from hooks.kernel.manifest import Manifest
from hooks.kernel.observed import mapping, mappings, metadata, name, number, text
from hooks.kernel.pod import command
from hooks.kernel.pod.fields import Fields

_SECRETIVE = ("KEY", "TOKEN", "SECRET", "PASS", "CRED", "AUTH", "PROXY")


@dataclass(frozen=True)
class Subject:
    """A container of a pod."""

    pod: Manifest
    status: Manifest
    """Its entry in the status of the pod."""
    fields: Fields
    """The fields that remedies name."""
    init: bool = False
    """Whether it is an init container."""

    def __str__(self) -> str:
        """Return its name within a sentence."""
        return f"{'init container' if self.init else 'container'} {self.name}"

    @property
    def capitalized(self) -> str:
        """Its name at the beginning of a sentence."""
        return f"{'Init container' if self.init else 'Container'} {self.name}"

    @property
    def name(self) -> str:
        """The name of the container."""
        return text(self.status.get("name"))[:63]

    @property
    def pod_name(self) -> str:
        """The name of its pod."""
        return name(self.pod)[:253]

    @property
    def namespace(self) -> str:
        """The namespace of its pod."""
        return text(metadata(self.pod).get("namespace"))[:63]

    @property
    def node(self) -> str:
        """The name of its node."""
        return text(mapping(self.pod.get("spec")).get("nodeName"))[:253] or "unknown"

    @cached_property
    def spec(self) -> Manifest:
        """The container in the spec of the pod."""
        spec, wanted = mapping(self.pod.get("spec")), self.status.get("name")
        return next(
            (
                each
                for each in mappings(spec.get("initContainers" if self.init else "containers"))
                if each.get("name") == wanted
            ),
            {},
        )

    @property
    def image(self) -> str:
        """Its image."""
        return text(self.spec.get("image")) or text(self.status.get("image"))

    @property
    def state(self) -> Manifest:
        """Its current state: one of ``waiting``, ``running`` and ``terminated``."""
        return mapping(self.status.get("state"))

    @property
    def ended(self) -> Manifest:
        """How it ended, now or the last time; empty if it never ended."""
        return mapping(self.state.get("terminated")) or mapping(
            mapping(self.status.get("lastState")).get("terminated")
        )

    @property
    def restarts(self) -> int:
        """How often it was started again."""
        return number(self.status.get("restartCount"))

    def log(self, *, previous: bool = False, follow: bool = False) -> str:
        """Return the command that shows its log, or that of its last run."""
        return command.log(self.pod, self.name, previous=previous, follow=follow)

    @property
    def secrets(self) -> list[str]:
        """The values of its secret variables, the longest first; no status may show them."""
        values = (
            text(each.get("value"))
            for each in mappings(self.spec.get("env"))
            if _secretive(text(each.get("name")))
        )
        # Hiding a shorter value would hide too much else.
        return sorted(
            {value for value in values if len(value) > 5}, key=lambda value: (-len(value), value)
        )


def _secretive(variable: str) -> bool:
    return any(word in variable.upper() for word in _SECRETIVE)

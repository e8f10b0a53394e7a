"""Kind: how the API names a kind of object, which part of an installation manages it, and how a difference is repaired."""

from typing import NamedTuple


class Kind(NamedTuple):
    """A kind of object, as one resource uses it."""

    api_version: str
    """Group and version as written in a manifest, for example ``apps/v1``."""
    kind: str
    """CamelCase name, for example ``Deployment``."""
    plural: str
    """The name in URLs and in ``childResources``, for example ``deployments``."""
    components: tuple[str, ...] = ("base",)
    """The kustomize components that manage it, each of them alone; ``base`` for kinds that every installation manages."""
    strategy: str = "InPlace"
    """Metacontroller's update strategy: ``InPlace``, or ``OnDelete`` for what is immutable or must never be rewritten."""

    @property
    def group_key(self) -> str:
        """The key of this kind in Metacontroller's ``children`` and ``related`` maps, for example ``Deployment.apps/v1``."""
        return f"{self.kind}.{self.api_version}"

    @property
    def rule(self) -> tuple[str, str]:
        """The kind as ``childResources`` names it: plural and version."""
        return self.plural, self.api_version

    def is_of(self, manifest: dict[str, object]) -> bool:
        """Whether an object is of this kind."""
        return manifest.get("kind") == self.kind and manifest.get("apiVersion") == self.api_version


PERSISTENT_VOLUME_CLAIM = Kind(
    "v1", "PersistentVolumeClaim", "persistentvolumeclaims", strategy="OnDelete"
)
POD = Kind("v1", "Pod", "pods")

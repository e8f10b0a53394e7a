"""Kind: the names of a kind of object, the component that manages it, and its update strategy."""

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
    """The kustomize components that manage it, each alone; ``base`` for every installation."""
    strategy: str = "InPlace"
    """Metacontroller's update strategy: ``InPlace``, or ``OnDelete`` for what is never updated."""

    @property
    def group_key(self) -> str:
        """The kind's key in ``children`` and ``related``, for example ``Deployment.apps/v1``."""
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
SERVICE_ACCOUNT = Kind("v1", "ServiceAccount", "serviceaccounts")
POD = Kind("v1", "Pod", "pods")

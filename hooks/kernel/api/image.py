"""Image: which container image to run and how to pull it."""

from typing import Literal

from pydantic import Field

from hooks.kernel.api.model import Model, Name

PullPolicy = Literal["", "Always", "IfNotPresent", "Never"]
"""An empty policy counts as absent; charts write it."""


class Image(Model):
    """A container image and how to pull it."""

    repository: Name
    """Registry and repository of the image without its tag, for example `nvcr.io/nim/meta/llama-3.1-8b-instruct`."""
    tag: Name
    """Tag of the image. Quote a tag that looks like a number: `"1.8"`."""
    pull_policy: PullPolicy | None = None
    """When the node pulls the image: `Always`, `IfNotPresent` or `Never`. Kubernetes' own rule holds where it is absent."""
    pull_secrets: list[str] = Field(default_factory=list)
    """Names of the Secrets of type `kubernetes.io/dockerconfigjson` that hold the registry's credentials."""

    @property
    def reference(self) -> str:
        """The image as a pod names it, ``repository:tag``."""
        return f"{self.repository}:{self.tag}"

    @property
    def policy(self) -> PullPolicy:
        """The pull policy in effect: by default, Kubernetes pulls ``latest`` always, others once."""
        return self.pull_policy or ("Always" if self.tag == "latest" else "IfNotPresent")

"""Store: where a workload finds its model, or why it does not find it yet."""

from dataclasses import dataclass
from typing import Literal

from hooks.kernel.finding import Finding

Layout = Literal["legacy", "native"]

VOLUME = "model-store"
"""Name of the model's volume."""

GPU = "nvidia.com/gpu"
"""Name of the GPUs that are counted, among the resources of a container."""

MOUNT_PATH = "/model-store"
"""Where the model's volume is mounted, in the layout of most images."""


@dataclass(frozen=True)
class ModelStore:
    """Where the model's files are and how the model server is told about them."""

    claim: str | None = None
    """PersistentVolumeClaim to mount; None for a directory of the node (``emptyDir``, ``hostPath``)."""
    sub_path: str | None = None
    """Folder within the volume."""
    layout: Layout = "legacy"
    """What the image expects: one model store (``legacy``), or a model folder and a cache folder (``native``)."""
    profile: str | None = None
    """Model profile to serve."""
    nim_cache: str | None = None
    """NIMCache that the rest was taken from."""
    model_name: str | None = None
    """What an image that serves any model is told to load."""
    model_path: str | None = None
    """URI of a model of Hugging Face, for example ``hf://meta-llama/Llama-3.1-8B``."""
    hugging_face: bool = False
    """Whether the model comes from Hugging Face or a data store of its kind."""
    gpus: str | None = None
    """GPUs of each pod, where the profile says how many it needs."""

    @property
    def variables(self) -> dict[str, str | None]:
        """The environment variables that say which model to serve; those that are None are not set."""
        named = None if self.layout == "native" else self.model_name
        return {
            "NIM_ENGINE_MODEL_PATH": "/".join(filter(None, ("/model", self.nim_cache)))
            if self.layout == "native"
            else None,
            "NIM_MODEL_NAME": named,
            "HF_HOME": f"{MOUNT_PATH}/huggingface/hub" if named else None,
            "NIM_MODEL_PATH": self.model_path if named else None,
            "NIM_MODEL_PROFILE": self.profile,
        }


def is_count(gpus: str) -> bool:
    """Whether a text is a number of GPUs that a pod can be made with."""
    return gpus.isascii() and gpus.isdecimal() and len(gpus) < 10


@dataclass(frozen=True)
class Blocked:
    """No model store yet: what exists is held, and nothing new is made."""

    finding: Finding
    failed: bool = False
    """Whether waiting does not help."""

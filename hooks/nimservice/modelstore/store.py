"""Store: where a workload finds its model, or why it has none yet."""

from dataclasses import dataclass
from typing import Literal

from hooks.kernel.finding import Finding

Layout = Literal["legacy", "native"]

VOLUME = "model-store"
"""Name of the model's volume."""

GPU = "nvidia.com/gpu"
"""Name of GPUs as a countable resource of a container."""

MOUNT_PATH = "/model-store"
"""The mount path of the model's volume in most images."""


ENGINE_PATH = "NIM_ENGINE_MODEL_PATH"
"""The variable with the folder of a native model."""


@dataclass(frozen=True)
class ModelStore:
    """Where the model's files are, and how the model server learns of them."""

    claim: str | None = None
    """PersistentVolumeClaim to mount; None for ``emptyDir`` and ``hostPath``."""
    sub_path: str | None = None
    """Folder within the volume."""
    layout: Layout = "legacy"
    """One model store (``legacy``), or a model folder and a cache folder (``native``)."""
    profile: str | None = None
    """Model profile to serve."""
    nim_cache: str | None = None
    """NIMCache of the model store."""
    model_name: str | None = None
    """The model to load, for an image that serves any model."""
    model_path: str | None = None
    """URI of a Hugging Face model, for example ``hf://meta-llama/Llama-3.1-8B``."""
    hugging_face: bool = False
    """Whether the model comes from Hugging Face or a compatible data store."""
    gpus: str | None = None
    """GPUs of each pod, if the profile tells its number."""
    adopted: bool = False
    """Whether it was read from the pods of a workload of which no record existed."""

    @property
    def variables(self) -> dict[str, str | None]:
        """The environment variables that select the model; None leaves a variable out."""
        named = None if self.layout == "native" else self.model_name
        return {
            ENGINE_PATH: "/".join(filter(None, ("/model", self.nim_cache)))
            if self.layout == "native"
            else None,
            "NIM_MODEL_NAME": named,
            "HF_HOME": f"{MOUNT_PATH}/huggingface/hub" if named else None,
            "NIM_MODEL_PATH": self.model_path if named else None,
            "NIM_MODEL_PROFILE": self.profile,
        }


def is_count(gpus: str) -> bool:
    """Whether a text is a valid number of GPUs."""
    return gpus.isascii() and gpus.isdecimal() and len(gpus) < 10


@dataclass(frozen=True)
class Blocked:
    """No model store yet: the hooks hold the existing workload, and make no new one."""

    finding: Finding
    failed: bool = False
    """True if only a user can resolve it."""

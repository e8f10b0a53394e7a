"""Source: where a NIMCache downloads its model from."""

from typing import Annotated

from pydantic import Field

from hooks.kernel.api.model import Model, PublishedDefault, Required, Rule
from hooks.nimcache.api import fixed

ANOTHER = "create another NIMCache, let spec.storage.nimCache.name of the NIMServices name it, then delete this one"
"""What to do instead of changing what a NIMCache holds."""

NonEmpty = Annotated[str, Field(json_schema_extra={"minLength": 1})]

ALL = "all"
"""The name that stands for every profile."""


class GPU(Model):
    """A kind of GPU."""

    product: str | None = None
    """Product name, for example `l40s`."""
    ids: list[str] = Field(default_factory=list)
    """Device ids of the product."""


class ModelFilter(Model):
    """Which profiles of the model to download."""

    rules = (
        Rule(
            "!has(self.profiles) || size(self.profiles) < 2 || !('all' in self.profiles)",
            "model.profiles must have no other entry where it contains all; keep all alone, or name the profiles",
            field_path=".profiles",
        ),
        Rule(
            "!has(self.profiles) || size(self.profiles) == 0 || !((has(self.precision) && self.precision != '')"
            " || (has(self.engine) && self.engine != '') || (has(self.tensorParallelism) && self.tensorParallelism != '')"
            " || (has(self.qosProfile) && self.qosProfile != '') || (has(self.gpus) && size(self.gpus) > 0)"
            " || has(self.lora) || has(self.buildable))",
            "model.profiles names the profiles, so no other field of model may select some; remove either profiles or the other fields",
            field_path=".profiles",
            reason="FieldValueForbidden",
        ),
    )

    profiles: list[str] = Field(default_factory=list)
    """Names of the profiles; `all` alone takes every one."""
    precision: str | None = None
    """Precision of the weights, for example `fp8`."""
    engine: str | None = None
    """Inference engine, for example `tensorrt_llm`."""
    tensor_parallelism: str | None = None
    """GPUs that the model is split over."""
    qos_profile: (
        Annotated[str, Field(json_schema_extra={"enum": ["", "latency", "throughput"]})] | None
    ) = None
    """What the profile is tuned for: `latency` or `throughput`."""
    gpus: Annotated[list[GPU], Field(max_length=64)] = Field(default_factory=list)
    """GPUs that the profile is made for. Where it is absent, the GPUs of the cluster decide, as far as they are known."""
    lora: bool | None = None
    """Whether the profile takes LoRA adapters."""
    buildable: bool | None = None
    """Whether the profile is built on the node."""


class NGC(Model):
    """A model of NVIDIA's NGC catalogue."""

    rules = (
        Rule(
            "!(has(self.model) && has(self.modelEndpoint))",
            "Only one of 'model' or 'modelEndpoint' can be specified",
        ),
    )

    auth_secret: Annotated[NonEmpty, Required()] = ""
    """Name of the Secret with the key `NGC_API_KEY`."""
    model_puller: Annotated[NonEmpty, Field(max_length=1024), Required()] = ""
    """Image that downloads the model: the image of its NIM. It cannot be changed."""
    pull_secret: str | None = None
    """Name of the Secret that holds the registry's credentials."""
    model: ModelFilter | None = None
    """Which profiles of the image's model to download."""
    model_endpoint: str | None = None
    """Address of the model, for images that serve any model."""


class Repository(Model):
    """A model or data set of a repository with the API of Hugging Face."""

    rules = (
        Rule(
            "(has(self.modelName) ? 1 : 0) + (has(self.datasetName) ? 1 : 0) == 1",
            "Exactly one of modelName or datasetName must be defined",
        ),
    )

    model_name: str | None = None
    """Name of the model."""
    dataset_name: str | None = None
    """Name of the data set."""
    auth_secret: Annotated[NonEmpty, Required()] = ""
    """Name of the Secret with the key `HF_TOKEN`."""
    model_puller: Annotated[NonEmpty, Field(max_length=1024), Required()] = ""
    """Image that downloads the model. It cannot be changed."""
    pull_secret: Annotated[NonEmpty, Required()] = ""
    """Name of the Secret that holds the registry's credentials."""
    revision: NonEmpty | None = None
    """Branch, tag or commit to download; the main branch where it is absent."""


class HuggingFace(Repository):
    """A model or data set of Hugging Face."""

    endpoint: Annotated[str, Field(json_schema_extra={"pattern": "^https?://.*$"}), Required()] = ""
    """Address of the hub, for example `https://huggingface.co`."""
    namespace: Annotated[NonEmpty, Required()] = ""
    """Organisation or user that owns the repository."""


class DataStore(Repository):
    """A model or data set of a NeMo data store."""

    endpoint: Annotated[
        str, Field(json_schema_extra={"pattern": "^https?://.*/v1/hf/?$"}), Required()
    ] = ""
    """Address of the data store; it ends with `/v1/hf`."""
    namespace: Annotated[str, Required(), PublishedDefault()] = "default"
    """Namespace within the data store."""


_REPOSITORY = ("modelPuller", "endpoint", "namespace", "modelName", "datasetName", "revision")


class Source(Model):
    """Where the model comes from. Exactly one of `ngc`, `hf` and `dataStore` is to be given."""

    rules = (
        Rule(
            "(has(self.ngc) ? 1 : 0) + (has(self.dataStore) ? 1 : 0) + (has(self.hf) ? 1 : 0) == 1",
            "Exactly one of ngc, dataStore, or hf must be defined",
        ),
        Rule(
            "has(self.ngc) == has(oldSelf.ngc) && has(self.hf) == has(oldSelf.hf) && has(self.dataStore) == has(oldSelf.dataStore)",
            f"the kind of source cannot be changed; {ANOTHER}",
            reason="FieldValueForbidden",
        ),
        *fixed.texts(
            (
                "ngc.modelPuller",
                "ngc.modelEndpoint",
                *(
                    f"ngc.model.{name}"
                    for name in ("precision", "engine", "tensorParallelism", "qosProfile")
                ),
                *(f"{kind}.{name}" for kind in ("hf", "dataStore") for name in _REPOSITORY),
            ),
            ANOTHER,
        ),
        *fixed.lists(("ngc.model.profiles",), ANOTHER),
        *fixed.choices(("ngc.model.lora", "ngc.model.buildable"), ANOTHER),
    )

    ngc: NGC | None = None
    """A model of NVIDIA's NGC catalogue."""
    hf: HuggingFace | None = None
    """A model or data set of Hugging Face."""
    data_store: DataStore | None = None
    """A model or data set of a NeMo data store."""

    @property
    def repository(self) -> Repository | None:
        """The repository with the API of Hugging Face, where the model comes from one."""
        return self.hf or self.data_store

    @property
    def given(self) -> NGC | Repository | None:
        """The source that is given, or None where none is."""
        return self.ngc or self.repository

    @property
    def filter(self) -> ModelFilter:
        """Which profiles are asked for; one that asks for nothing where there is no choice."""
        return (self.ngc.model if self.ngc else None) or ModelFilter()

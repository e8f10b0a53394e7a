"""Source: where a NIMCache downloads its model from."""

from typing import Annotated

from pydantic import Field

from hooks.api.model import Model, PublishedDefault, Required, Rule

NonEmpty = Annotated[str, Field(json_schema_extra={"minLength": 1})]


class GPU(Model):
    """A kind of GPU."""

    product: str | None = None
    """Product name, for example `l40s`."""
    ids: list[str] = []
    """Device ids of the product."""


class ModelFilter(Model):
    """Which profiles of the model to download."""

    profiles: list[str] = []
    """Names of the profiles; `all` alone takes every one."""
    precision: str | None = None
    """Precision of the weights, for example `fp8`."""
    engine: str | None = None
    """Inference engine, for example `tensorrt_llm`."""
    tensor_parallelism: str | None = None
    """GPUs that the model is split over."""
    qos_profile: str | None = None
    """What the profile is tuned for: `latency` or `throughput`."""
    gpus: list[GPU] = []
    """GPUs that the profile is made for."""
    lora: bool | None = None
    """Whether the profile takes LoRA adapters."""
    buildable: bool | None = None
    """Whether the profile is built on the node."""


class NGC(Model):
    """A model of NVIDIA's NGC catalogue."""

    rules = (Rule("!(has(self.model) && has(self.modelEndpoint))", "Only one of 'model' or 'modelEndpoint' can be specified"),)

    auth_secret: Annotated[NonEmpty, Required()] = ""
    """Name of the Secret with the key `NGC_API_KEY`."""
    model_puller: Annotated[NonEmpty, Required()] = ""
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
    model_puller: Annotated[NonEmpty, Required()] = ""
    """Image that downloads the model."""
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

    endpoint: Annotated[str, Field(json_schema_extra={"pattern": "^https?://.*/v1/hf/?$"}), Required()] = ""
    """Address of the data store; it ends with `/v1/hf`."""
    namespace: Annotated[str, Required(), PublishedDefault()] = "default"
    """Namespace within the data store."""


class Source(Model):
    """Where the model comes from. Exactly one of `ngc`, `hf` and `dataStore` is to be given."""

    rules = (
        Rule(
            "(has(self.ngc) ? 1 : 0) + (has(self.dataStore) ? 1 : 0) + (has(self.hf) ? 1 : 0) == 1",
            "Exactly one of ngc, dataStore, or hf must be defined",
        ),
    )

    ngc: NGC | None = None
    """A model of NVIDIA's NGC catalogue."""
    hf: HuggingFace | None = None
    """A model or data set of Hugging Face."""
    data_store: DataStore | None = None
    """A model or data set of a NeMo data store."""

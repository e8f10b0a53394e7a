"""Settings: what an installation decides about its NIMCaches."""

from dataclasses import dataclass, field

from hooks.kernel import settings


@dataclass(frozen=True, kw_only=True)
class Settings(settings.Settings):
    """The settings for NIMCaches."""

    gpu_products: str = field(default="", metadata={"least": 0, "most": 4096})
    """GPUs of the cluster, separated by commas, as the node label nvidia.com/gpu.product names
    them. A NIMCache that names no GPU downloads the profiles for these."""

    gpu_discovery: bool = False
    """Read the GPUs of the cluster from its Nodes while a NIMCache has to choose a profile. The
    component gpu-discovery sets it, because Metacontroller then needs the right to list Nodes."""

    probe_image: str = field(default="", metadata={"least": 0, "most": 512})
    """Image with sh, awk, gzip and base64, which packs the model manifest where NIM images lack
    these tools. Without it, the NIM image packs its manifest itself."""

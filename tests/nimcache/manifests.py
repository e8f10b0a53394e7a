"""Manifests: model manifests of the published shapes, made up, of any number of profiles."""

GPUS = ("H100", "H100_NVL", "L40S", "L4", "A100_SXM4_40GB", "GH200_480GB")


def tags(number: int, **more: str) -> dict[str, str]:
    """Return the tags of a profile that is told from others by its number."""
    return {
        "feat_lora": "false",
        "gpu": GPUS[number % len(GPUS)],
        "gpu_device": f"23{number % 90 + 10}:10de",
        "llm_engine": "tensorrt_llm",
        "pp": "1",
        "precision": ("fp8", "bf16")[number % 2],
        "profile": ("latency", "throughput")[number % 2],
        "tp": str(2 ** (number % 4)),
        **more,
    }


def name(number: int) -> str:
    """Return the name of a profile: 64 hexadecimal digits that repeat little, as those of
    images."""
    return f"{pow(7, number + 300, 2**256 - 189):064x}"


def mapped(count: int) -> str:
    """Return a manifest that is a map by the names of profiles."""
    return "".join(
        f"{name(number)}:\n"
        f"  model: meta/llama-3.1-8b-instruct\n  release: 1.8.{number}\n  tags:\n"
        + "".join(f"    {key}: {value!r}\n" for key, value in tags(number).items())
        + f"  container_url: nvcr.io/nim/meta/llama:{number}\n"
        + _workspace("  ", number)
        for number in range(count)
    )


def listed(count: int) -> str:
    """Return a manifest that is a list, with a schema version and criteria."""
    return (
        "schema_version: '2.0'\nprofile_selection_criteria:\n  - sort: gpu\n  - sort: tp\nprofiles:\n"
        + "".join(
            f"  - id: {name(number)}\n    tags:\n"
            + "".join(f"      {key}: {value}\n" for key, value in tags(number).items())
            + _workspace("    ", number)
            for number in range(count)
        )
    )


def molmim() -> str:
    """Return a manifest whose list has another name, and ids too."""
    return (
        "# of MolMIM\nmodel_profile: MolMIM\nmanifest:\n- workspace: !workspace\n    files: !name [a, b]\n"
        "  profile_id: abc\n  tags: {llm_engine: triton, precision: bf16}\n"
    )


def _workspace(indent: str, number: int) -> str:
    files = "".join(
        f"{indent}    file-{index}.safetensors:\n{indent}      uri: ngc://nim/meta/llama:{number}-{index}\n"
        for index in range(6)
    )
    return f"{indent}workspace: !workspace\n{indent}  components:\n{indent}  - dst: ''\n{indent}  files:\n{files}"

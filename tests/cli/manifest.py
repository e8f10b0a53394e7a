"""Manifest: the text of a file as people write it, with some fields of its own."""

import re
from textwrap import indent

SPEC = {
    "image": 'image:\n  repository: nvcr.io/nim/meta/llama-3.1-8b-instruct\n  tag: "1.8.4"',
    "authSecret": "authSecret: ngc-api-secret",
    "storage": "storage:\n  pvc:\n    name: models",
    "expose": "expose:\n  service:\n    port: 8000",
}
CACHE = {
    "source": "source:\n  ngc:\n    modelPuller: nvcr.io/nim/meta/llama:1.8\n    authSecret: ngc",
    "storage": "storage:\n  pvc:\n    create: true\n    size: 50Gi",
}
PIPELINE = {
    "services": "services:\n- name: llm\n  enabled: true\n  spec:\n"
    + indent("\n".join(SPEC.values()), "    ")
}
HEAD = "apiVersion: apps.nvidia.com/v1alpha1\nkind: {kind}\nmetadata:\n  name: llama\n"
NAMES = {"NIMService": SPEC, "NIMCache": CACHE, "NIMPipeline": PIPELINE}


def manifest(changed="", kind="NIMService", head=HEAD):
    """Return a file whose spec has some fields of its own, written as they are."""
    fields = dict(NAMES[kind])
    for block in re.split(r"\n(?=[\w\"])", changed.strip("\n")) if changed else ():
        fields[block.partition(":")[0]] = block
    body = indent("\n".join(fields.values()), "  ")
    return f"{head.replace('{kind}', kind)}spec:\n{body}\n"


def image(repository="nvcr.io/nim/meta/llama", tag='"1.8"', more=""):
    return f"image:\n  repository: {repository}\n  tag: {tag}\n{more}"


def resources(limits="", requests=""):
    parts = [f"  {name}: {{{text}}}" for name, text in (("limits", limits), ("requests", requests))]
    return "resources:\n" + "\n".join(part for part in parts if "{}" not in part)


def hpa(text):
    return f"scale:\n  enabled: true\n  hpa: {{{text}}}"


def affinity(expression):
    return (
        "affinity:\n  nodeAffinity:\n    requiredDuringSchedulingIgnoredDuringExecution:\n"
        f"      nodeSelectorTerms:\n      - matchExpressions:\n        - {{{expression}}}"
    )

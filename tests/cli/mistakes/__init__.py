"""Mistakes that people make in manifests, each with the words that every command has for it."""

from tests.cli.manifest import manifest
from tests.cli.mistakes import caches, pipelines, places, shapes, types, values, whole

IN_A_SPEC = [each for theme in (types, shapes, places, values) for each in theme.IN_A_SPEC]

TABLE = [
    *((manifest(text), words) for text, words in IN_A_SPEC),
    *((manifest(text, "NIMCache"), words) for text, words in caches.IN_A_CACHE),
    *((manifest(text, "NIMPipeline"), words) for text, words in pipelines.IN_A_PIPELINE),
    *whole.WHOLE,
]
"""A file, and a part of the line that every command prints of it."""

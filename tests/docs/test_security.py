"""The page about security: its table has every field by which a tenant has something made, and
every sample policy."""

import re
from pathlib import Path

from hooks.nimservice.api.nimservice import NIMServiceSpec

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
HARMLESS = {
    "groupID": "a group of a user who chooses his containers anyway",
    "replicas": "as many pods as the quota admits",
    "resources": "as many GPUs as the quota admits",
    "strategy": "how pods of the NIMService replace each other",
    "volumeMounts": "where the volumes are",
}
"""Fields that the table leaves out, each with the reason."""


def table():
    part = PAGE.partition("## What a tenant can have made")[2].partition("\n## ")[0]
    return [line for line in part.splitlines() if line.startswith("| ")][1:]


def test_every_field_of_a_nimservice_stands_in_the_table():
    first = " ".join(line.split(" | ")[0] for line in table())
    named = {re.split(r"[.:\[ ]", each)[0] for each in re.findall(r"`([^`]+)`", first)}
    if "probes" in first:
        named |= {"startupProbe", "livenessProbe", "readinessProbe"}
    fields = {field.alias or name for name, field in NIMServiceSpec.model_fields.items()}
    assert fields - named == {*HARMLESS}


def test_every_sample_policy_stands_in_the_table():
    files = {path.name for path in (ROOT / "metacontroller" / "policies").iterdir()}
    assert {*re.findall(r"policies/([\w-]+\.yaml)", "".join(table()))} == files

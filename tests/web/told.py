"""Told: a request to the server in this process, what it logs and what it counts."""

import json

from prometheus_client import REGISTRY

from hooks.web.telemetry import JSONFormatter

PARENT = {"metadata": {"namespace": "nim", "name": "llama"}, "spec": {}}


def line(caplog):
    """Return the one log line of a request, as a log collector sees it."""
    (record,) = [record for record in caplog.records if record.name == "hooks.web"]
    return json.loads(JSONFormatter().format(record))


def counted(name, **labels):
    return REGISTRY.get_sample_value(f"nimservice_hooks_{name}", labels) or 0

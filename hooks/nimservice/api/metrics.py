"""Metrics: a ServiceMonitor for the Prometheus operator."""

from typing import Annotated

from pydantic import Field

from hooks.kernel.api.model import Model

Duration = Annotated[
    str,
    Field(
        pattern=r"^(0|(([0-9]+)y)?(([0-9]+)w)?(([0-9]+)d)?(([0-9]+)h)?(([0-9]+)m)?(([0-9]+)s)?(([0-9]+)ms)?)$"
    ),
]


class ServiceMonitor(Model):
    """What the ServiceMonitor is told."""

    additional_labels: dict[str, str] = Field(default_factory=dict)
    """Labels of the ServiceMonitor, for example the one your Prometheus selects by. They win over every other label."""
    annotations: dict[str, str] = Field(default_factory=dict)
    """Annotations of the ServiceMonitor."""
    interval: Duration | None = None
    """How often to scrape, for example `30s`. Prometheus' own setting holds where it is absent."""
    scrape_timeout: Duration | None = None
    """How long a scrape may take, for example `10s`. Prometheus' own setting holds where it is absent."""


class Metrics(Model):
    """Scraping by Prometheus."""

    enabled: bool | None = None
    """Whether to create a ServiceMonitor."""
    service_monitor: ServiceMonitor = Field(default_factory=ServiceMonitor)
    """What the ServiceMonitor is told."""

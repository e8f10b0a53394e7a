"""Scaling: the metrics of an autoscaler."""

from collections.abc import Iterator

from hooks.cli.later.values import no_choice
from hooks.kernel.crd.structure import Problem
from hooks.kernel.document import JSON
from hooks.nimservice.api.scale import METRIC_SOURCES


def metrics(metrics: list[JSON], path: str) -> Iterator[Problem]:
    """Yield what is wrong with the metrics of an autoscaler."""
    types = {source[0].upper() + source[1:]: source for source in METRIC_SOURCES}
    for index, metric in enumerate(metrics):
        here, type_ = f"{path}[{index}]", metric.get("type")
        if not isinstance(type_, str):
            continue
        if type_ not in types:
            yield no_choice(f"{here}.type", type_, tuple(types))
            continue
        if metric.get(types[type_]) is None:
            yield Problem(f"{here}.{types[type_]}", f"is required with the type {type_}", "set it")
        for other in METRIC_SOURCES:
            if other != types[type_] and metric.get(other) is not None:
                yield Problem(
                    f"{here}.{other}", f"must be absent beside the type {type_}", "remove it"
                )

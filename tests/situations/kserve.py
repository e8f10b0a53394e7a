"""KServe: the InferenceServices that the tests look at."""

from hooks.kernel.finding import Finding
from hooks.nimservice.children.kserve import inferenceservice
from tests.situations import nimservice as situation
from tests.situations import stored

MODE = "serving.kserve.io/deploymentMode"
KNATIVE = {"annotations": {MODE: "Knative"}}


def context(children=(), **spec):
    """Return what a sync knows of a NIMService that KServe runs."""
    return situation.context(children, **{"inferencePlatform": "kserve", **spec})


def service(children=(), **spec):
    """Return the InferenceService."""
    (made,) = stored.built(inferenceservice, context(children, **spec))
    return made


def predictor(children=(), **spec):
    """Return its predictor."""
    return service(children, **spec)["spec"]["predictor"]


def server(**spec):
    """Return the container of the model server."""
    return predictor(**spec)["containers"][0]


def findings(children=(), **spec):
    """Return what is found while it is built, by reason."""
    return {
        each.reason: each.message
        for each in inferenceservice.build(context(children, **spec))
        if isinstance(each, Finding)
    }


def scaled(*metrics, **hpa):
    """Return a spec that scales on metrics."""
    return {"scale": {"enabled": True, "hpa": {"maxReplicas": 3, "metrics": list(metrics), **hpa}}}


def metric(name="cpu", **target):
    """Return a metric on a resource."""
    kind = {"averageUtilization": "Utilization", "averageValue": "AverageValue", "value": "Value"}[
        next(iter(target))
    ]
    return {"type": "Resource", "resource": {"name": name, "target": {"type": kind, **target}}}


def running(mode=None, **predictor):
    """Return the InferenceService that exists, as KServe has changed it."""
    observed = situation.applied(service())
    return {
        **observed,
        "spec": {"predictor": {**observed["spec"]["predictor"], **predictor}},
        "status": {"deploymentMode": mode} if mode else {},
    }

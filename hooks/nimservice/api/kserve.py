"""KServe: the annotations of an InferenceService by which users and these hooks tell KServe what to do."""

from hooks.kernel import lastapplied

DEPLOYMENT_MODE = "serving.kserve.io/deploymentMode"
"""What KServe makes of the InferenceService; read from ``spec.annotations``."""
STANDARD_MODES = ("Standard", "RawDeployment")
"""A Deployment. The second name is the older one, which Open Data Hub still needs."""
KNATIVE_MODES = ("Knative", "Serverless")
"""A Service of Knative. The second name is the older one."""

AUTOSCALER_CLASS = "serving.kserve.io/autoscalerClass"
"""What scales the Deployment."""
STOP = "serving.kserve.io/stop"
"""Whether everything that runs is to be taken down."""
METRICS = (
    "serving.kserve.io/enable-metric-aggregation",
    "serving.kserve.io/enable-prometheus-scraping",
)
"""Whether Prometheus finds the metrics."""

SCALING = (
    "minReplicas",
    "maxReplicas",
    "scaleMetric",
    "scaleMetricType",
    "scaleTarget",
    "autoScaling",
)
"""Fields of a predictor that change the number of its replicas, and no pod."""

VISIBILITY = "networking.kserve.io/visibility"
"""Label: whether there is a route from outside the cluster."""
OWNER = "serving.kserve.io/inferenceservice"
"""Label that KServe gives the pods of an InferenceService, with its name."""
CONTAINER = lastapplied.KSERVE_CONTAINER
"""Name that KServe gives a predictor's container, and by which it finds it among several."""

"""KServe: the annotations of an InferenceService by which users and these hooks tell KServe what to do."""

from hooks.kernel import lastapplied

DEPLOYMENT_MODE = "serving.kserve.io/deploymentMode"
"""What KServe makes of the InferenceService; read from ``spec.annotations``."""
STANDARD_MODES = ("Standard", "RawDeployment")
"""A Deployment. The second name is the older one, which Open Data Hub still needs."""
KNATIVE_MODES = ("Knative", "Serverless")
"""A Service of Knative. The second name is the older one."""

AUTOSCALER_CLASS = "serving.kserve.io/autoscalerClass"
"""What scales the Deployment. KServe copies it to the pods."""
HPA = "hpa"
"""The class that KServe takes where none is given, so that it may stay or be absent."""
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
"""Label: whether there is a route from outside the cluster. KServe copies it to the pods."""
LOCAL, EXPOSED = "cluster-local", "exposed"
"""Its values. KServe knows the first; any other means the same as none."""

RECORDS = (lastapplied.LAST_APPLIED,)
"""Annotations of an InferenceService that change with each edit, and that pods do without.

KServe copies them to the pods unless ``ANNOTATIONS_NOT_COPIED`` lists them. The list holds for all
InferenceServices of a cluster, and KServe itself does not see what it lists: so nothing of KServe's
own may stand here.
"""
CONFIG_MAP = "inferenceservice-config"
"""KServe's own configuration, in the namespace of its controller."""
CONFIG_KEY = "inferenceService"
"""The key of the ConfigMap with the list, as JSON."""
ANNOTATIONS_NOT_COPIED = "serviceAnnotationDisallowedList"
"""The list, since KServe 0.15. What is listed is added to what KServe never copies."""
OWNER = "serving.kserve.io/inferenceservice"
"""Label that KServe gives the pods of an InferenceService, with its name."""
CONTAINER = lastapplied.KSERVE_CONTAINER
"""Name that KServe gives a predictor's container, and by which it finds it among several."""

"""Kinds: the kinds of a NIMService's children and related objects, and the component for each.

The CompositeController (``childResources``), the customize hook and the check for unmanaged kinds
share this table. Metacontroller needs the same ``apiVersion`` in all of them. With two versions of
one kind it would delete and create the object for ever.
"""

from hooks.kernel.kind import Kind

SERVICE_ACCOUNT = Kind("v1", "ServiceAccount", "serviceaccounts")
SERVICE = Kind("v1", "Service", "services")
PERSISTENT_VOLUME_CLAIM = Kind(
    "v1", "PersistentVolumeClaim", "persistentvolumeclaims", strategy="OnDelete"
)
DEPLOYMENT = Kind("apps/v1", "Deployment", "deployments")
HORIZONTAL_POD_AUTOSCALER = Kind(
    "autoscaling/v2", "HorizontalPodAutoscaler", "horizontalpodautoscalers"
)
POD_DISRUPTION_BUDGET = Kind("policy/v1", "PodDisruptionBudget", "poddisruptionbudgets")
INGRESS = Kind("networking.k8s.io/v1", "Ingress", "ingresses", ("ingress",))

ROLE = Kind("rbac.authorization.k8s.io/v1", "Role", "roles", ("openshift", "inference"))
ROLE_BINDING = Kind(
    "rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", ("openshift", "inference")
)
CONFIG_MAP = Kind("v1", "ConfigMap", "configmaps", ("leaderworkerset", "inference"))
SECRET = Kind("v1", "Secret", "secrets", ("leaderworkerset",))
LEADER_WORKER_SET = Kind(
    "leaderworkerset.x-k8s.io/v1", "LeaderWorkerSet", "leaderworkersets", ("leaderworkerset",)
)
COMPUTE_DOMAIN = Kind(
    "resource.nvidia.com/v1beta1", "ComputeDomain", "computedomains", ("computedomain",), "OnDelete"
)
RESOURCE_CLAIM_TEMPLATE = Kind(
    "resource.k8s.io/v1", "ResourceClaimTemplate", "resourceclaimtemplates", ("dra",), "OnDelete"
)
INFERENCE_SERVICE = Kind(
    "serving.kserve.io/v1beta1", "InferenceService", "inferenceservices", ("kserve",)
)
HTTP_ROUTE = Kind("gateway.networking.k8s.io/v1", "HTTPRoute", "httproutes", ("gateway",))
GRPC_ROUTE = Kind("gateway.networking.k8s.io/v1", "GRPCRoute", "grpcroutes", ("gateway",))
INFERENCE_POOL = Kind(
    "inference.networking.k8s.io/v1", "InferencePool", "inferencepools", ("inference",)
)
SERVICE_MONITOR = Kind(
    "monitoring.coreos.com/v1", "ServiceMonitor", "servicemonitors", ("prometheus",)
)

MANAGED = (
    SERVICE_ACCOUNT,
    ROLE,
    ROLE_BINDING,
    CONFIG_MAP,
    SECRET,
    SERVICE,
    PERSISTENT_VOLUME_CLAIM,
    RESOURCE_CLAIM_TEMPLATE,
    COMPUTE_DOMAIN,
    DEPLOYMENT,
    LEADER_WORKER_SET,
    INFERENCE_SERVICE,
    HORIZONTAL_POD_AUTOSCALER,
    POD_DISRUPTION_BUDGET,
    INGRESS,
    HTTP_ROUTE,
    GRPC_ROUTE,
    INFERENCE_POOL,
    SERVICE_MONITOR,
)
"""Every kind that an installation with all components manages, in the order people read them."""

WORKLOADS = (DEPLOYMENT, LEADER_WORKER_SET, INFERENCE_SERVICE)
"""The kinds that run the model; one at a time does."""

NIM_SERVICE = Kind("apps.nvidia.com/v1alpha1", "NIMService", "nimservices")
NIM_CACHE = Kind("apps.nvidia.com/v1alpha1", "NIMCache", "nimcaches")
POD = Kind("v1", "Pod", "pods")
RESOURCE_CLAIM = Kind("resource.k8s.io/v1", "ResourceClaim", "resourceclaims")

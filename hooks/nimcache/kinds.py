"""Kinds: the kinds of a NIMCache's children and related objects, and their components."""

from hooks.kernel import kind
from hooks.kernel.kind import Kind

# The hooks give a claim that exists back as it is, but for a size that is to grow.
PERSISTENT_VOLUME_CLAIM = kind.PERSISTENT_VOLUME_CLAIM._replace(
    components=("nimcache",), strategy="InPlace"
)
JOB = Kind("batch/v1", "Job", "jobs", ("nimcache",), strategy="OnDelete")
"""A Job is never rewritten, because its template is immutable.

The hooks alone decide when one goes.
"""
SERVICE_ACCOUNT = Kind("v1", "ServiceAccount", "serviceaccounts", ("openshift",))
ROLE = Kind("rbac.authorization.k8s.io/v1", "Role", "roles", ("openshift",))
ROLE_BINDING = Kind("rbac.authorization.k8s.io/v1", "RoleBinding", "rolebindings", ("openshift",))

MANAGED = (PERSISTENT_VOLUME_CLAIM, JOB, SERVICE_ACCOUNT, ROLE, ROLE_BINDING)
"""Every kind that an installation with all components manages, in the order people read them."""

NIM_CACHE = Kind("apps.nvidia.com/v1alpha1", "NIMCache", "nimcaches", ("nimcache",))
NIM_SERVICE = Kind("apps.nvidia.com/v1alpha1", "NIMService", "nimservices")
POD = kind.POD
NODE = Kind("v1", "Node", "nodes")

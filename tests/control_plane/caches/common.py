"""Common: what the cases of NIMCaches on a real API server share."""

import shutil

from hooks.cluster.api import Resource
from hooks.kernel.observed import condition
from hooks.nimcache import kinds
from nimservice_simulator.controllers.scenarios import Ending
from tests.control_plane.kubelet import Play
from tests.control_plane.situations import nimservice
from tests.nimcache import manifests

NODES = Resource("v1", "Node", "nodes", namespaced=False)
STORAGE_CLASS = Resource("storage.k8s.io/v1", "StorageClass", "storageclasses", namespaced=False)
VOLUME = Resource("v1", "PersistentVolume", "persistentvolumes", namespaced=False)
STATEFUL_SET = Resource("apps/v1", "StatefulSet", "statefulsets")
DEPLOYMENT = Resource("apps/v1", "Deployment", "deployments")
CLAIM = kinds.PERSISTENT_VOLUME_CLAIM

BUSYBOX = "busybox" if shutil.which("busybox") else "dash"
GAWK = "gawk" if shutil.which("gawk") else "mawk"
NAMED = {"profiles": [manifests.name(0)]}
KEY = "HTTP 401 Unauthorized: invalid API key"

CASES = {}


def case(function):
    """Add a case that runs beside the others."""
    CASES[function.__name__] = function
    return function


def fails(times, message, code=1, reason=""):
    """Return a download that fails so many times, and then succeeds."""
    bad = Ending(code, message, 0.1, reason)
    return lambda failed: bad if failed < times else Ending(after=0.3)


def stays(role, **status):
    """Return how it goes where the pods of a role stay in one state."""
    return Play(stands={role: status})


def waits(reason, message):
    """Return the status of a pod whose container waits."""
    state = {"waiting": {"reason": reason, "message": message}}
    names = {"name": "nim-cache-ctr", "image": "i", "imageID": ""}
    container = {**names, "ready": False, "restartCount": 0, "state": state}
    scheduled = {"type": "PodScheduled", "status": "True"}
    return {"phase": "Pending", "conditions": [scheduled], "containerStatuses": [container]}


def pvc(name, **metadata):
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name, **metadata},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "storageClassName": "",
        },
    }


def user(lab, cache, **spec):
    """Return a NIMService of a cache's name that uses it."""
    made = {"storage": {"nimCache": {"name": cache}}, "authSecret": "ngc-api-secret", **spec}
    return nimservice(lab.namespace, cache, **made)


def said_of(lab, name, kind="Ready"):
    """Return a condition of a NIMService."""
    return condition(lab.seen(kinds.NIM_SERVICE, name) or {}, kind)

"""Inside: a server with the inside of a cluster, and a clock to let pass."""

from typing import Any

from hooks.cluster.api import Object, Resource
from nimservice_simulator.apiserver.server import ApiServer
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.controllers.scenarios import SCENARIOS
from nimservice_simulator.kubelet import Kubelet

POD = Resource("v1", "Pod", "pods")
DEVICE = Resource("resource.k8s.io/v1", "ResourceClaim", "resourceclaims")
INFERENCE = Resource("serving.kserve.io/v1beta1", "InferenceService", "inferenceservices")


class Cluster:
    """A server with its inside, and a clock to let pass."""

    def __init__(self, scenario: str = "ready") -> None:
        self.clock = VirtualClock()
        self.server = ApiServer(clock=self.clock)
        self.kubelet = Kubelet(self.server, self.clock, SCENARIOS[scenario])

    def make(self, obj: Object, **metadata: Any) -> Object:
        return self.server.create(
            {**obj, "metadata": {"namespace": "default", **obj["metadata"], **metadata}}
        )

    def settle(self, seconds: float = 3600) -> None:
        """Let everything happen that is to happen within a time."""
        end = self.clock.now().timestamp() + seconds
        self.kubelet.step()
        while (due := self.kubelet.next_due()) and due.timestamp() <= end:
            self.clock.advance_to(due)
            self.kubelet.step()
        self.clock.advance(end - self.clock.now().timestamp())

    def get(self, kind: Resource, name: str) -> Object:
        return self.server.get(kind, "default", name)

    def pods(self) -> list[Object]:
        return self.server.list(POD, "default")


def inference(**annotations: str) -> Object:
    """Return an InferenceService of two replicas."""
    predictor = {
        "minReplicas": 2,
        "containers": [{"name": "kserve-container", "image": "image:1"}],
        "deploymentStrategy": {"type": "Recreate"},
    }
    meta = {"name": "i", "annotations": annotations, "labels": {"team": "x"}}
    return {
        "apiVersion": INFERENCE.api_version,
        "kind": INFERENCE.kind,
        "metadata": meta,
        "spec": {"predictor": predictor},
    }


def with_devices(deployment: Object) -> Object:
    """Return a Deployment whose pods claim devices by a template."""
    deployment["spec"]["template"]["spec"] |= {
        "resourceClaims": [{"name": "gpu", "resourceClaimTemplateName": "t"}]
    }
    return deployment


def template() -> Object:
    devices = {"requests": [{"name": "gpu", "exactly": {"deviceClassName": "gpu.nvidia.com"}}]}
    return {
        "apiVersion": DEVICE.api_version,
        "kind": "ResourceClaimTemplate",
        "metadata": {"name": "t"},
        "spec": {"spec": {"devices": devices}},
    }


def waiting(pod: Object) -> Object:
    """Return why the first container of a pod waits."""
    found: Object = pod["status"]["containerStatuses"][0]["state"]["waiting"]
    return found

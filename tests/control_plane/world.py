"""World: one NIMService, llama, on a stage, and what a test does to it and wants to know of it."""

from hooks.kernel.observed import condition
from hooks.nimservice import kinds


class World:
    """The NIMService ``llama`` in the namespace of a test."""

    def __init__(self, stage):
        self.stage, self.cluster, self.namespace = stage, stage.cluster, stage.namespace

    def apply(self, nim):
        self.cluster.put(nim)
        self.stage.settle()

    def edit(self, change):
        self.cluster.edit(kinds.NIM_SERVICE, self.namespace, "llama", change)
        self.stage.settle()

    def get(self, kind, name="llama"):
        return self.cluster.find(kind, self.namespace, name)

    def nim(self):
        return self.get(kinds.NIM_SERVICE)

    def ready_pods(self, count=None):
        """Let pods run until the Deployment counts them all as available."""

        def all_available():
            self.cluster.make_pods_ready(self.namespace)
            deployment = self.get(kinds.DEPLOYMENT)
            wanted = deployment["spec"]["replicas"] if count is None else count
            return (
                deployment["status"].get("availableReplicas", 0)
                == deployment["status"].get("replicas", 0)
                == wanted
            )

        self.stage.until(all_available, "all pods are available")
        self.stage.settle()

    def is_said(self, reason, state="Ready"):
        def look():
            nim = self.nim()
            return (
                nim
                and condition(nim, "Ready").get("reason") == reason
                and nim["status"]["state"] == state
            )

        return self.stage.until(look, f"{state} with reason {reason}")

    def template(self):
        return self.get(kinds.DEPLOYMENT)["spec"]["template"]

"""Place: a namespace with neighbours, NIMServices for it, and what is done there."""

from hooks.nimservice import kinds
from tests.control_plane.cluster import POD
from tests.situations.nimservice import BASE_SPEC


def nim(name, namespace, play="well", **spec):
    """Return a NIMService whose pods go the way that the stages of kwok have for ``play``."""
    return {
        "apiVersion": "apps.nvidia.com/v1alpha1",
        "kind": "NIMService",
        "metadata": {"name": name, "namespace": namespace},
        "spec": {
            **BASE_SPEC,
            "storage": {"emptyDir": {}},
            "expose": {"service": {"port": 8000}},
            "resources": {"limits": {"nvidia.com/gpu": "1"}},
            "labels": {"play": play},
            **spec,
        },
    }


def groups(name, namespace, play="well", **spec):
    multi = {"parallelism": {"pipeline": 2, "tensor": 1}}
    return nim(name, namespace, play, multiNode=multi, **spec)


class Place:
    """A namespace with neighbours, and what is done in it."""

    def __init__(self, stage, stream):
        self.stage, self.stream = stage, stream
        self.cluster, self.namespace = stage.cluster, stage.namespace

    def apply(self, made):
        self.stream.forget()
        self.cluster.put(made)

    def edit(self, name, change):
        self.stream.forget()
        self.cluster.edit(kinds.NIM_SERVICE, self.namespace, name, change)

    def play(self, name, play):
        self.edit(name, lambda obj: obj["spec"]["labels"].update(play=play))

    def pods(self, name):
        marks = {"app.kubernetes.io/instance": name}
        return [
            each
            for each in self.cluster.list(POD, self.namespace)
            if marks.items() <= (each["metadata"].get("labels") or {}).items()
        ]

    def said(self, name):
        return self.stream.of(name)

"""Cluster: what a migration reads from a cluster, and the one verb with which it writes."""

from collections.abc import Iterable

from hooks.cluster.api import KindRef, Object, Resource, name_of
from hooks.cluster.server import KubeServer
from hooks.kernel.kind import Kind
from hooks.migration import operator
from hooks.nimcache.kinds import JOB, NIM_CACHE
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice import kinds

FIELD_MANAGER = "nimservice-migrate"

_COMPOSITE_CONTROLLER = Resource(
    "metacontroller.k8s.io/v1alpha1",
    "CompositeController",
    "compositecontrollers",
    namespaced=False,
)
_WEBHOOKS = Resource(
    "admissionregistration.k8s.io/v1",
    "ValidatingWebhookConfiguration",
    "validatingwebhookconfigurations",
    namespaced=False,
)
_RELATED = (JOB, kinds.POD, kinds.RESOURCE_CLAIM)
_PRIVATE = {kinds.SECRET.kind, kinds.CONFIG_MAP.kind}
"""Kinds of which only objects with the operator's label are read."""


class Cluster:
    """One cluster, in one namespace or everywhere."""

    def __init__(self, server: KubeServer, namespace: str) -> None:
        self._server, self._namespace = server, namespace

    def objects(self) -> list[Object]:
        """Return NIMPipelines, NIMCaches and NIMServices, and what may be their children."""
        nims = self._list(kinds.NIM_SERVICE, self._namespace)
        for parent in (NIM_PIPELINE, NIM_CACHE):
            nims += self._list(parent, self._namespace) if self._served(parent) else []
        namespaces = sorted({name_of(nim)[0] for nim in nims})
        served = [kind for kind in (*kinds.MANAGED, *_RELATED) if self._served(kind)]
        return nims + [
            obj
            for kind in served
            for namespace in namespaces
            for obj in self._list(kind, namespace)
        ]

    def without(self) -> set[str]:
        """Return the unmanaged kinds: those that the cluster or the CompositeController lacks.

        NIMCache is one of them where these hooks are installed without the component ``nimcache``.
        """
        rules = {
            (rule["apiVersion"], rule["resource"])
            for controller in self._controllers(kinds.NIM_SERVICE)
            for rule in controller["spec"].get("childResources") or []
        }
        unmanaged = {
            kind.kind
            for kind in kinds.MANAGED
            if rules and (kind.api_version, kind.plural) not in rules
        }
        if rules and not self._controllers(NIM_CACHE):
            unmanaged.add(NIM_CACHE.kind)
        return unmanaged | {kind.kind for kind in kinds.MANAGED if not self._served(kind)}

    def openshift(self) -> bool:
        """Whether this is OpenShift."""
        return (
            self._server.find_plural("security.openshift.io/v1", "securitycontextconstraints")
            is not None
        )

    def operators(self) -> list[str]:
        """Return the Deployments that run NVIDIA's operator, in any namespace."""
        return operator.running(self._everywhere(kinds.DEPLOYMENT))

    def webhooks(self) -> list[str]:
        """Return the webhooks of NVIDIA's operator that refuse writes while it does not run."""
        return operator.webhooks(self._everywhere(_WEBHOOKS))

    def controllers(self) -> list[str]:
        """Return the CompositeControllers of NIMServices, NIMPipelines and NIMCaches."""
        found = self._controllers(kinds.NIM_SERVICE, NIM_PIPELINE, NIM_CACHE)
        return [each["metadata"]["name"] for each in found]

    def write(self, target: Object, patch: Object) -> None:
        """Patch one object."""
        kind = Resource(target["apiVersion"], target["kind"], "")
        self._server.connection.request(
            "PATCH",
            self._server.path(kind, *name_of(target)),
            patch,
            content_type="application/merge-patch+json",
            fieldManager=FIELD_MANAGER,
        )

    def _controllers(self, *parents: Kind) -> Iterable[Object]:
        if (
            self._server.find_plural(
                _COMPOSITE_CONTROLLER.api_version, _COMPOSITE_CONTROLLER.plural
            )
            is None
        ):
            return []
        wanted = {(kind.api_version, kind.plural) for kind in parents}
        return [
            controller
            for controller in self._everywhere(_COMPOSITE_CONTROLLER)
            if (reference := controller["spec"].get("parentResource") or {})
            and (reference.get("apiVersion"), reference.get("resource")) in wanted
        ]

    def _everywhere(self, kind: KindRef) -> list[Object]:
        return self._server.list(kind)

    def _list(self, kind: Kind, namespace: str) -> list[Object]:
        if kind.kind not in _PRIVATE:
            return self._server.list(kind, namespace)
        path = self._server.path(kind, namespace)
        answer = self._server.connection.request("GET", path, labelSelector=operator.MANAGED_BY)
        return [
            {"apiVersion": kind.api_version, "kind": kind.kind, **item}
            for item in answer["items"] or []
        ]

    def _served(self, kind: Kind) -> bool:
        return self._server.find_plural(kind.api_version, kind.plural) is not None

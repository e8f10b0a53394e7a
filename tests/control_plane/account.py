"""Account: the ServiceAccount that Metacontroller works as, with the installation's own
ClusterRole, and what it has asked for."""

import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import orjson
import yaml

from hooks.cluster.api import Forbidden, Object, Resource
from hooks.kernel.lastapplied import OWNER_LABEL
from tests.control_plane.cluster import Cluster
from tests.control_plane.programs import ControlPlane
from tests.control_plane.server import Server
from tests.metacontroller.rights import Right, rights_of, rules_of

INSTALLATION = Path(__file__).parents[2] / "metacontroller"
ALL = INSTALLATION / "overlays" / "all"
RBAC = "rbac.authorization.k8s.io"
CLUSTER_ROLE = Resource(f"{RBAC}/v1", "ClusterRole", "clusterroles", namespaced=False)
ROLE = "nimservice-metacontroller"
_WRITES = ("create", "update", "patch", "delete")
SERVICE_ACCOUNT = "system:serviceaccount:metacontroller:nimservice-metacontroller"


POLICY = Resource(
    "admissionregistration.k8s.io/v1",
    "ValidatingAdmissionPolicy",
    "validatingadmissionpolicies",
    namespaced=False,
)
BINDING = Resource(
    "admissionregistration.k8s.io/v1",
    "ValidatingAdmissionPolicyBinding",
    "validatingadmissionpolicybindings",
    namespaced=False,
)
_INSTALLED = (
    "Namespace",
    "ServiceAccount",
    "ClusterRole",
    "ClusterRoleBinding",
    POLICY.kind,
    BINDING.kind,
)


class Account:
    """Metacontroller's ServiceAccount; ``kubeconfig`` leads to the cluster with its rights."""

    def __init__(self, cluster: Cluster, plane: ControlPlane, *overlay: Path) -> None:
        self._cluster, self._plane = cluster, plane
        build = _build(plane, *overlay or (ALL, INSTALLATION / "components" / "metacontroller"))
        self.installed: list[Object] = [*build]
        for obj in self.installed:
            if obj["kind"] in _INSTALLED:
                cluster.put(obj)
        (role,) = (obj for obj in self.installed if obj["kind"] == "ClusterRole")
        self.rights: set[Right] = {*rights_of(role)}
        self.kubeconfig = plane.kubeconfig_for("metacontroller", self._token(SERVICE_ACCOUNT))
        cluster.until(self.is_restrained, "the admission policy is in force")

    def is_restrained(self) -> bool:
        """Whether the admission policy keeps it from objects that are nobody's children."""
        meta = {"name": "kubernetes", "namespace": "default", "labels": {OWNER_LABEL: "somebody"}}
        taken = {"apiVersion": "v1", "kind": "Service", "metadata": meta}
        with Server(self.kubeconfig) as server:
            try:
                server.apply(taken, manager="metacontroller", force=True, dry_run=True)
            except Forbidden:
                return True
        return False

    def restrain(self, restrained: bool) -> None:
        """Put the policy's binding there, or take it away, and wait until that has its effect."""
        binding = next(obj for obj in self.installed if obj["kind"] == BINDING.kind)
        if restrained:
            self._cluster.put(binding)
        else:
            self._cluster.delete(BINDING, "", binding["metadata"]["name"])
        self._cluster.until(
            lambda: self.is_restrained() == restrained, "the admission policy has its effect"
        )

    def without(self, rights: set[Right]) -> Server:
        """Return the cluster as an account sees it that has all rights but some."""
        meta = {"name": "lesser", "namespace": "metacontroller"}
        reference = {"apiGroup": RBAC, "kind": "ClusterRole", "name": "lesser"}
        for obj in (
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": meta},
            {
                "apiVersion": f"{RBAC}/v1",
                "kind": "ClusterRole",
                "metadata": {"name": "lesser"},
                "rules": rules_of(self.rights - rights),
            },
            {
                "apiVersion": f"{RBAC}/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": "lesser"},
                "roleRef": reference,
                "subjects": [{"kind": "ServiceAccount", **meta}],
            },
        ):
            self._cluster.put(obj)
        return Server(
            self._plane.kubeconfig_for(
                "lesser", self._token("system:serviceaccount:metacontroller:lesser")
            )
        )

    def _token(self, user: str) -> str:
        _, _, namespace, name = user.split(":")
        path = f"/api/v1/namespaces/{namespace}/serviceaccounts/{name}/token"
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {"expirationSeconds": 7200},
        }
        answer: str = self._cluster.connection.request("POST", path, body)["status"]["token"]
        return answer

    def asked(self, since: int = 0) -> Iterator[tuple[Right, bool]]:
        """Yield what it asked the API server for, from a place in the audit log on, and whether
        that was allowed; what the admission policy refuses is allowed by its rights."""
        for event in self._events(since):
            answer = event["responseStatus"]
            allowed = event["annotations"]["authorization.k8s.io/decision"] == "allow" and (
                answer["code"] != 403 or POLICY.kind in answer.get("message", "")
            )
            group = event["objectRef"].get("apiGroup", "")
            yield Right(group, _resource(event), event["verb"]), allowed

    def wrote(self, since: int = 0) -> Iterator[tuple[str, str, str]]:
        """Yield verb, resource and name of each of its writes, from a place in the audit log on;
        none of those that were dry runs, or refused."""
        for event in self._events(since):
            if (
                event["verb"] in _WRITES
                and "dryRun=" not in event["requestURI"]
                and event["responseStatus"]["code"] < 300
            ):
                yield event["verb"], _resource(event), event["objectRef"].get("name", "")

    def _events(self, since: int) -> Iterator[Object]:
        with self._plane.audit.open("rb") as log:
            log.seek(since)
            for line in log:
                event = orjson.loads(line)
                if event.get("objectRef") and event["user"]["username"] == SERVICE_ACCOUNT:
                    yield event

    def now(self) -> int:
        """Return the place in the audit log that it has come to."""
        time.sleep(0.05)
        return self._plane.audit.stat().st_size if self._plane.audit.exists() else 0


def _resource(event: Object) -> str:
    asked = event["objectRef"]
    return "/".join(filter(None, (asked["resource"], asked.get("subresource"))))


def _build(plane: ControlPlane, overlay: Path, *components: Path) -> Iterator[Object]:
    """Yield what an overlay installs, with components on top."""
    folder = plane.home / "installation"
    folder.mkdir()
    (folder / "overlay").symlink_to(overlay)
    for number, component in enumerate(components):
        (folder / f"component-{number}").symlink_to(component)
    lines = [
        "resources: [overlay]",
        "components:",
        *(f"- component-{number}" for number, _ in enumerate(components)),
    ]
    (folder / "kustomization.yaml").write_text("\n".join(lines))
    build = subprocess.run(
        [plane.programs / "kubectl", "kustomize", folder],
        capture_output=True,
        text=True,
        check=False,
    )
    assert build.returncode == 0, build.stderr
    yield from yaml.load_all(build.stdout, Loader=yaml.CSafeLoader)

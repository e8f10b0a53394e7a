"""Diagnosis: what is wrong with an installation on a cluster, each in one line with its remedy."""

import re
from collections.abc import Iterable, Iterator
from typing import Any

from hooks import __version__
from hooks.cli import admissionpolicy, kserveconfig, needs
from hooks.cli.loaded import Loaded
from hooks.cli.needs import Need
from hooks.cluster.api import ApiError, Forbidden, NotFound, Object, Resource, name_of
from hooks.cluster.server import KubeServer
from hooks.kernel import quantity
from hooks.kernel.crd import shipped
from hooks.kernel.document import JSON
from hooks.kernel.finding import with_remedy
from hooks.migration import operator
from hooks.nimcache.kinds import NIM_CACHE
from hooks.nimpipeline.kinds import NIM_PIPELINE
from hooks.nimservice import kinds

_KUBERNETES = (1, 30)
_METACONTROLLER = (4, 15)
_LABEL = "app.kubernetes.io/name=nimservice-hooks"
_QPS = 50.0
"""Requests per second below which a few dozen NIMServices take minutes."""
_VERBS = ("list", "create", "update", "delete")
_NAMES_ALONE = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"
"""What is asked for of Secrets: their names, without their content."""

_CONTROLLERS = Resource(
    "metacontroller.k8s.io/v1alpha1",
    "CompositeController",
    "compositecontrollers",
    namespaced=False,
)
_STATEFUL_SETS = Resource("apps/v1", "StatefulSet", "statefulsets")
_PARENTS = {NIM_CACHE.plural: NIM_CACHE, NIM_PIPELINE.plural: NIM_PIPELINE}
_KINDS = {
    "Secret": ("v1", "secrets"),
    "ConfigMap": ("v1", "configmaps"),
    "PersistentVolumeClaim": ("v1", "persistentvolumeclaims"),
    "NIMCache": (NIM_CACHE.api_version, NIM_CACHE.plural),
    "StorageClass": ("storage.k8s.io/v1", "storageclasses"),
    "RuntimeClass": ("node.k8s.io/v1", "runtimeclasses"),
    "PriorityClass": ("scheduling.k8s.io/v1", "priorityclasses"),
    "IngressClass": ("networking.k8s.io/v1", "ingressclasses"),
    "DeviceClass": ("resource.k8s.io/v1", "deviceclasses"),
}


class Diagnosis:
    """Looks at one cluster."""

    def __init__(self, server: KubeServer) -> None:
        self._server = server
        self._names: dict[tuple[str, str], set[str] | None] = {}
        self._composites: list[Object] | None = None
        self._deployments: list[Object] | None = None

    def of_installation(self) -> Iterator[str]:
        """Yield what is wrong with the cluster and with the installation."""
        yield from self._version()
        yield from self._definitions()
        deployments = self._running()
        yield from self._hooks(deployments)
        if not self._serves(_CONTROLLERS.api_version, _CONTROLLERS.plural):
            yield _line(
                "Metacontroller",
                "its CustomResourceDefinitions are missing",
                "install Metacontroller, step 1 of metacontroller/README.md",
            )
            return
        yield from self._metacontroller([*deployments, *self._server.list(_STATEFUL_SETS)])
        yield from self._controllers()
        yield from self._operator(deployments)

    def of_components(self, needed: dict[str, str]) -> Iterator[str]:
        """Yield the components that manifests need and the installation lacks."""
        composites = self._installed()
        if not composites:
            return
        listed = {
            (rule["apiVersion"], rule["resource"])
            for each in composites
            for rule in each["spec"].get("childResources") or ()
        }
        parents = {each["spec"]["parentResource"]["resource"] for each in composites}
        for component, reason in needed.items():
            made = [kind for kind in kinds.MANAGED if kind.components == (component,)]
            lacking = any((kind.api_version, kind.plural) not in listed for kind in made)
            lacking |= any(
                component == each.kind.lower() and plural not in parents
                for plural, each in _PARENTS.items()
            )
            if lacking:
                yield _line(
                    f"component {component}",
                    f"is not installed, and {reason} needs it",
                    f"add ../metacontroller/components/{component} to your kustomization, or set "
                    f"components.{component} in the values of the chart",
                )

    def of_kserve(self, needed: dict[str, str], namespace: str = "") -> Iterator[str]:
        """Yield what KServe's configuration lacks, where the component is installed or needed.

        Args:
            needed: the components that manifests need.
            namespace: where KServe is; it is looked for if none is given.
        """
        kind = kinds.INFERENCE_SERVICE
        used = any(
            (rule["apiVersion"], rule["resource"]) == (kind.api_version, kind.plural)
            for rule in _rules(self._installed())
        )
        if not used and not {*kind.components} & {*needed}:
            return
        if not self._serves(kind.api_version, kind.plural) or not self._leaves_records():
            return
        found = [namespace] if namespace else self._kserves()
        yield from (_line(*each) for each in kserveconfig.faults(self._server, found))

    def _kserves(self) -> list[str]:
        named = map(name_of, self._running())
        return [namespace for namespace, name in named if name == kserveconfig.CONTROLLER]

    def _leaves_records(self) -> bool:
        """Whether Metacontroller records in an annotation what it applied, as far as is known."""
        workloads = [*self._running(), *self._server.list(_STATEFUL_SETS)]
        strategies = {
            _options(container).get("apply-strategy")
            for each in workloads
            for container in _metacontrollers(each)
        }
        return strategies != {"server-side-apply"}

    def of_manifest(
        self, loaded: Loaded, namespace: str, beside: Iterable[Loaded]
    ) -> Iterator[str]:
        """Yield what a manifest names and the cluster does not have; ``beside`` may bring it."""
        space = (loaded.manifest.get("metadata") or {}).get("namespace") or namespace
        brought = {(each.kind, each.name) for each in beside}
        for need in needs.objects(loaded, space):
            if (need.kind, need.name) not in brought:
                yield from self._missing(need)
        for path, name, amount in needs.extended(loaded):
            most = self._most(name)
            if most < amount:
                yield _line(
                    f"{loaded.place(path)}: {loaded.subject}: {path}",
                    f"asks for {amount}, and no Node has more than {most}",
                    "install the GPU operator, or ask for less" if most == 0 else "ask for less",
                )

    def _missing(self, need: Need) -> Iterator[str]:
        names = self._known(need.kind, need.namespace)
        if names is not None and need.name not in names:
            where = f" in namespace {need.namespace}" if need.namespace else ""
            yield _line(
                f"{need.loaded.place(need.path)}: {need.loaded.subject}: {need.path}",
                f"{need.kind} {need.name} does not exist{where}",
                "create it, or name another"
                + (f", such as {min(names)}" if names and not need.namespace else ""),
            )

    def _known(self, kind: str, namespace: str) -> set[str] | None:
        """Return the names of the objects of a kind, or None where they may not be read."""
        key = kind, namespace
        if key not in self._names:
            try:
                self._names[key] = set(self._listed(*_KINDS[kind], namespace))
            except Forbidden:
                self._names[key] = None
            except NotFound:
                self._names[key] = set()
        return self._names[key]

    def _listed(self, api_version: str, plural: str, namespace: str) -> Iterator[str]:
        resource = self._server.find_plural(api_version, plural)
        if resource is None:
            return
        answer = self._server.connection.request(
            "GET", self._server.path(resource, namespace), accept=_NAMES_ALONE
        )
        yield from (each["metadata"]["name"] for each in answer["items"] or [])

    def _most(self, name: str) -> int:
        """Return how much of an extended resource the best Node has."""
        try:
            nodes = self._server.list(Resource("v1", "Node", "nodes", namespaced=False))
        except Forbidden:
            return 2**31
        amounts = [(node.get("status") or {}).get("allocatable", {}).get(name, 0) for node in nodes]
        return max((int(quantity.value(amount)) for amount in amounts), default=0)

    def _version(self) -> Iterator[str]:
        version = self._server.connection.request("GET", "/version")
        found = int(version["major"]), int(re.sub(r"\D", "", version["minor"]))
        if found < _KUBERNETES:
            yield _line("Kubernetes", f"is {_dotted(found)}", f"upgrade to {_dotted(_KUBERNETES)}")

    def _definitions(self) -> Iterator[str]:
        path = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/"
        for kind in (kinds.NIM_SERVICE, NIM_CACHE, NIM_PIPELINE):
            name = f"{kind.plural}.apps.nvidia.com"
            try:
                there = self._server.connection.request("GET", path + name)
            except Forbidden:
                continue
            except NotFound:
                yield _line(
                    f"CustomResourceDefinition {name}",
                    "does not exist",
                    "run nimservice crd | kubectl apply --server-side -f -",
                )
                continue
            schemas = [
                each["schema"]["openAPIV3Schema"]
                for each in there["spec"]["versions"]
                if each["name"] == "v1alpha1"
            ]
            ours = _outline(shipped.schemas()[kind.kind])
            if not schemas or _outline(schemas[0]) != ours:
                yield _line(
                    f"CustomResourceDefinition {name}",
                    f"is not that of release {__version__}",
                    "run nimservice crd | kubectl apply --server-side -f -",
                )

    def _hooks(self, deployments: list[Object]) -> Iterator[str]:
        ours = [each for each in deployments if each["metadata"]["name"] == "nimservice-hooks"]
        if not ours:
            yield _line(
                "Deployment nimservice-hooks",
                "does not exist",
                "install the hooks, step 4 of metacontroller/README.md",
            )
        for each in ours:
            if not (each.get("status") or {}).get("availableReplicas"):
                yield _line(
                    f"Deployment {_full(each)}",
                    "has no available pod",
                    f"see kubectl describe deployment {name_of(each)[1]} -n {name_of(each)[0]}",
                )

    def _metacontroller(self, workloads: list[Object]) -> Iterator[str]:
        found = [(each, container) for each in workloads for container in _metacontrollers(each)]
        accounts = [_account(workload) for workload, _ in found]
        yield from (_line(*each) for each in admissionpolicy.faults(self._server, accounts))
        if not found:
            yield _line(
                "Metacontroller",
                "no Deployment or StatefulSet runs it",
                "install it, for example with the component metacontroller",
            )
        for workload, container in found:
            subject = f"{workload['kind']} {_full(workload)}"
            version = _numbers(str(container.get("image", "")).rpartition(":")[2])
            if version and version < _METACONTROLLER:
                yield _line(
                    subject,
                    f"runs Metacontroller {_dotted(version)}",
                    f"upgrade it to {_dotted(_METACONTROLLER)} or later",
                )
            yield from _flags(subject, container)
            yield from self._rights(subject, workload)

    def _rights(self, subject: str, workload: Object) -> Iterator[str]:
        """Yield what Metacontroller may not do, by its ServiceAccount."""
        user = _account(workload)
        account = user.rpartition(":")[2]
        for rule in _rules(self._installed()):
            group = rule["apiVersion"].rpartition("/")[0]
            try:
                denied = [
                    verb for verb in _VERBS if not self._may(user, verb, group, rule["resource"])
                ]
            except ApiError:
                return  # who may not ask learns nothing here
            if denied:
                yield _line(
                    subject,
                    f"may not {', '.join(denied)} {rule['resource']}",
                    f"bind ServiceAccount {account} to ClusterRole nimservice-metacontroller",
                )

    def _may(self, user: str, verb: str, group: str, plural: str) -> bool:
        attributes = {"verb": verb, "group": group, "resource": plural, "namespace": "default"}
        # A review is a question; the API server stores nothing of it.
        answer = self._server.connection.request(
            "POST",
            "/apis/authorization.k8s.io/v1/subjectaccessreviews",
            {
                "apiVersion": "authorization.k8s.io/v1",
                "kind": "SubjectAccessReview",
                "spec": {"user": user, "resourceAttributes": attributes},
            },
        )
        return bool(answer["status"]["allowed"])

    def _controllers(self) -> Iterator[str]:
        composites = self._installed()
        if not any(_parent(each) == kinds.NIM_SERVICE.plural for each in composites):
            yield _line(
                "CompositeController nimservice",
                "does not exist",
                "install the hooks, step 4 of metacontroller/README.md",
            )
        for each in composites:
            subject = f"CompositeController {each['metadata']['name']}"
            for rule in each["spec"].get("childResources") or ():
                if not self._serves(rule["apiVersion"], rule["resource"]):
                    yield _line(
                        subject,
                        f"lists {rule['resource']} of {rule['apiVersion']}, which the cluster "
                        "does not serve; nothing is synced",
                        "remove its component, or install that API",
                    )
            release = re.search(r"[?&]release=([^&]+)", str(each["spec"].get("hooks")))
            if release and release[1].rstrip("'\"}") and _release(release[1]) != __version__:
                yield _line(
                    subject,
                    f"is of release {_release(release[1])}, and this command of {__version__}",
                    "apply manifests, image and CRDs of one release",
                )

    def _operator(self, deployments: list[Object]) -> Iterator[str]:
        running = operator.running(deployments)
        parents = {_parent(each) for each in self._installed()}
        for name in running:
            if NIM_CACHE.plural in parents:
                yield _line(
                    f"Deployment {name}",
                    "is NVIDIA's operator, and both fill the NIMCaches",
                    "remove the component nimcache, or scale the operator to 0",
                )
            if kinds.NIM_SERVICE.plural in parents:
                yield _line(
                    f"Deployment {name}",
                    "is NVIDIA's operator, and both manage the NIMServices",
                    "migrate with nimservice migrate, and scale it to 0",
                )

    def _installed(self) -> list[Object]:
        """Return the CompositeControllers of the kinds of the API."""
        if self._composites is None:
            served = self._serves(_CONTROLLERS.api_version, _CONTROLLERS.plural)
            self._composites = [
                each
                for each in (self._server.list(_CONTROLLERS) if served else ())
                if str(each["spec"]["parentResource"].get("apiVersion", "")).startswith("apps.nvid")
            ]
        return self._composites

    def _running(self) -> list[Object]:
        """Return the Deployments of the cluster."""
        if self._deployments is None:
            self._deployments = self._server.list(kinds.DEPLOYMENT)
        return self._deployments

    def _serves(self, api_version: str, plural: str) -> bool:
        return self._server.find_plural(api_version, plural) is not None


def _line(subject: str, message: str, remedy: str) -> str:
    return f"{subject}: {with_remedy(message, remedy)}"


def _options(container: JSON) -> dict[str, str]:
    return dict(
        str(each).lstrip("-").partition("=")[::2]
        for each in [*(container.get("command") or ()), *(container.get("args") or ())]
        if str(each).startswith("-")
    )


def _flags(subject: str, container: JSON) -> Iterator[str]:
    flags = _options(container)
    qps = re.fullmatch(r"\d+(\.\d+)?", flags.get("client-go-qps", "5"))
    if qps and float(qps[0]) < _QPS:
        yield _line(
            subject,
            f"has --client-go-qps={qps[0]}, too little for more than a few NIMServices",
            "set the flags of metacontroller/README.md",
        )
    selector = flags.get("target-label-selector")
    if selector and selector.replace("==", "=") != _LABEL and "nimservice-hooks" not in selector:
        yield _line(
            subject,
            f"has --target-label-selector={selector}, which leaves out the CompositeController",
            f"set it to {_LABEL}",
        )


def _metacontrollers(workload: Object) -> list[JSON]:
    containers = workload["spec"]["template"]["spec"].get("containers") or []
    return [
        each
        for each in containers
        if re.search(r"(^|/)metacontroller(:|@|$)", str(each.get("image", "")))
    ]


def _account(workload: Object) -> str:
    """Return the user that the pods of a workload are."""
    account = workload["spec"]["template"]["spec"].get("serviceAccountName") or "default"
    return f"system:serviceaccount:{name_of(workload)[0]}:{account}"


def _rules(composites: Iterable[Object]) -> list[JSON]:
    rules = {
        (rule["apiVersion"], rule["resource"]): rule
        for each in composites
        for rule in each["spec"].get("childResources") or ()
    }
    return [rules[key] for key in sorted(rules)]


def _parent(composite: Object) -> str:
    return str(composite["spec"]["parentResource"].get("resource"))


def _release(text: str) -> str:
    return re.split(r"['\"}&]", text)[0]


def _full(obj: Object) -> str:
    return "/".join(name_of(obj))


def _numbers(tag: str) -> tuple[int, ...]:
    found = re.match(r"v?(\d+)\.(\d+)(?:\.(\d+))?", tag)
    return tuple(int(part) for part in found.groups() if part) if found else ()


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(map(str, version))


def _outline(schema: Any, path: str = "") -> set[str]:
    """Return the fields and rules of a schema, which two releases have in common or not."""
    found = {path} | {
        f"{path}: {rule['rule']}" for rule in schema.get("x-kubernetes-validations", ())
    }
    for name, part in schema.get("properties", {}).items():
        found |= _outline(part, f"{path}.{name}") if isinstance(part, dict) else set()
    for key in ("items", "additionalProperties"):
        if isinstance(schema.get(key), dict):
            found |= _outline(schema[key], f"{path}[]")
    return found

"""Reason: every reason that a condition of a NIMService can carry, what it means and what to do about it.

The table is what ``docs/status.md`` is made of, and the order of its causes is the order of their weight.
"""

from typing import NamedTuple


class Reason(NamedTuple):
    """A reason, as the documentation explains it."""

    name: str
    """CamelCase and stable: programs may rely on it. Kubernetes' own where it has one."""
    meaning: str
    """What is the case, in one sentence."""
    remedy: str
    """What to do about it."""


VERDICTS = (
    Reason("Ready", "All replicas run the newest template and are available.", "Nothing."),
    Reason(
        "ScalingUp", "The model is up; further replicas are being added.", "Nothing, or what the message says the new replicas wait for."
    ),
    Reason(
        "ScaledToZero",
        "No replicas are asked for, and none is left.",
        "Set `spec.replicas`, or raise the autoscaler's minimum, to start it.",
    ),
    Reason("Creating", "The workload is being created.", "Wait. If it stays, see `ChildNotObserved`."),
    Reason(
        "RollingOut",
        "The workload is being rolled out; the message counts.",
        "Wait. With `NIM_HOOKS_POD_CAUSES=false` the pods say why it takes long.",
    ),
    Reason(
        "ChangeNotApplied",
        "The API server does not take what the latest edit leads to; the workload runs on as it was.",
        "Correct the field that an event of the NIMService names (`kubectl describe nims`).",
    ),
    Reason(
        "SwitchingPlatform", "The workload of the former platform is still there; the new one follows.", "Wait until its pods are gone."
    ),
    Reason("NIMCacheNotFound", "The NIMCache that `spec.storage.nimCache.name` names does not exist.", "Create it, or correct the name."),
    Reason(
        "NIMCacheNotReady", "The NIMCache exists and cannot be used yet.", "Wait until it is Ready; `kubectl describe nimcache` tells more."
    ),
    Reason("NIMCacheFailed", "The NIMCache has failed; the message quotes it.", "Repair or recreate the NIMCache."),
    Reason(
        "UnknownProfile",
        "The NIMCache does not hold the profile that is asked for, or holds one that cannot be read.",
        "Choose one of the profiles in the message in `spec.storage.nimCache.profile`.",
    ),
    Reason(
        "ResourceClaimNotFound",
        "A ResourceClaim that `spec.draResources` names does not exist.",
        "Create it, or correct the name.",
    ),
    Reason(
        "ComputeDomainNotFound",
        "The ComputeDomain that `spec.multiNode.computeDomain.name` names does not exist.",
        "Create it, or correct the name.",
    ),
    Reason(
        "ComputeDomainWithoutChannel",
        "The ComputeDomain has no channel that pods could claim.",
        "Make it again, with `spec.channel.resourceClaimTemplate.name`; it is immutable.",
    ),
    Reason(
        "InvalidSpec", "The hooks refuse the spec; the message names the field.", "Correct the field. What runs keeps running until then."
    ),
    Reason(
        "KindNotManaged",
        "A child is wanted whose kind this installation does not manage; everything else runs.",
        "Add the component that the message names to the installation.",
    ),
    Reason(
        "ProgressDeadlineExceeded",
        "The rollout has made no progress for longer than the startup probe allows plus ten minutes; the cause follows.",
        "Do what the cause asks for. Retries go on meanwhile.",
    ),
    Reason(
        "Terminating",
        "The NIMService is being deleted; the message names what has to go next.",
        "Wait. Routes go first, then the workload, then claims. Where a finalizer holds one of them, ask who set it.",
    ),
)
"""Reasons of the NIMService as a whole."""

CAUSES = (
    Reason("InvalidImageName", "An image's name cannot be parsed.", "Correct the repository and the tag."),
    Reason(
        "ErrImageNeverPull", "An image is not on the node, and its pull policy is Never.", "Load it onto the node, or change the policy."
    ),
    Reason("SignatureValidationFailed", "The node refuses an image for its signature.", "Sign the image, or change the node's policy."),
    Reason("ImageInspectError", "The node cannot read an image that it has.", "Look at the container runtime of the node."),
    Reason(
        "ImagePullBackOff",
        "An image cannot be pulled; the message quotes the registry.",
        "By what the registry says: check repository and tag, the pull secrets, or the way from the node to the registry.",
    ),
    Reason(
        "CreateContainerConfigError",
        "A Secret, a ConfigMap or a key that a container needs is missing, or its user is not allowed.",
        "Create what the message names.",
    ),
    Reason("CreateContainerError", "The container runtime cannot create a container.", "Look at the container runtime of the node."),
    Reason(
        "RunContainerError",
        "The container runtime cannot start a container: a command that does not exist, a GPU that is not there.",
        "Check `spec.command`, or the node's GPU driver and container toolkit, as the message says.",
    ),
    Reason("OOMKilled", "A container used more memory than it may.", "Raise its memory limit, or use a smaller profile."),
    Reason(
        "CrashLoopBackOff",
        "A container ends again and again; the message has its exit code and its last words.",
        "Read its log: `kubectl logs POD -c CONTAINER --previous`.",
    ),
    Reason(
        "PersistentVolumeClaimLost", "The volume of the claim is gone, and the model with it.", "Restore the volume, or recreate the claim."
    ),
    Reason("PersistentVolumeClaimNotFound", "The pods name a claim that does not exist.", "Create it, or correct `spec.storage`."),
    Reason(
        "PodSecurityViolation",
        "The namespace's Pod Security Standard, or OpenShift's constraints, refuse the pods.",
        "Use another namespace or standard, or leave out what the message names.",
    ),
    Reason("AdmissionDenied", "An admission webhook or policy refuses the pods.", "Satisfy the policy that the message quotes."),
    Reason("QuotaExceeded", "The namespace's quota leaves no room for the pods.", "Raise the quota, free some of it, or ask for less."),
    Reason("FailedCreate", "The pods cannot be created for another reason; the message quotes it.", "Do what it asks for."),
    Reason("NodeNotReady", "The node of a pod does not report any more.", "Look at the node. Its pods move after five minutes."),
    Reason(
        "Unschedulable",
        "No node fits a pod; the message has the scheduler's count by reason.",
        "Free or add what is short, or relax what excludes the nodes.",
    ),
    Reason(
        "PersistentVolumeClaimPending",
        "The claim is not bound to a volume yet.",
        "Check its StorageClass; `kubectl describe pvc` tells why no volume is made.",
    ),
    Reason("ResourceClaimPending", "Devices that the pods claim are not allocated yet.", "Check that a driver offers such devices."),
    Reason("SchedulingGated", "Something holds the pods back from scheduling.", "Ask who set the gate, such as a queue for jobs."),
    Reason("PodInitializing", "An init container is running.", "Wait; the log of the init container tells how far it is."),
    Reason(
        "ContainerCreating",
        "Volumes are mounted, the network is set up, or an image is pulled.",
        "Wait; events of the pod tell what takes long.",
    ),
    Reason(
        "Starting",
        "A container runs and its startup probe has not succeeded; the message says for how long it may.",
        "Wait; its log shows progress.",
    ),
    Reason("ContainersNotReady", "A container has started, and its readiness probe fails.", "Read its log."),
    Reason(
        "ReadinessGatesNotReady",
        "The containers are ready, and a readiness gate of the pod is not.",
        "Ask who sets the gate, such as a load balancer.",
    ),
    Reason("PredictorNotReady", "KServe says that its predictor is not ready; the message quotes it.", "Do what it asks for."),
    Reason(
        "UnexpectedAdmissionError",
        "The node refused a pod that was scheduled to it.",
        "Look at the node: its devices or resources are not what the scheduler believes.",
    ),
    Reason("Evicted", "The node was short of something and evicted a pod.", "Ask for what the pod uses, or give the node more."),
    Reason("Preempted", "A pod had to make room for one of higher priority.", "Raise `spec.priorityClassName`, or add nodes."),
    Reason("NodeLost", "The node of a pod that is being deleted does not answer.", "Repair or remove the node."),
    Reason(
        "DeletionStuck", "A pod stays although its time to end is over, and holds its devices.", "Look at its finalizers and at its node."
    ),
    Reason("PodFailed", "A pod ended for another reason; the message quotes it.", "Do what it asks for."),
)
"""Why pods are not ready, the worst first."""

WARNINGS = (
    Reason(
        "NIMCacheChanged",
        "The NIMCache has changed since the model started; the pods keep what they have.",
        "Edit `spec.storage` when the pods may restart.",
    ),
    Reason("GRPCPortMissing", "A GRPCRoute is asked for, and the Service has no port for gRPC.", "Set `spec.expose.service.grpcPort`."),
    Reason(
        "EndpointPickerUnconfigured",
        "The endpoint picker has no configuration, or one that cannot be read, so it is left out.",
        "Give it the configuration that the message asks for.",
    ),
    Reason(
        "KServeCannotExpress",
        "KServe has no place for fields that are set; everything else runs.",
        "Leave them out, or do what the message says instead.",
    ),
    Reason(
        "DeploymentModeFixed",
        "KServe keeps the deployment mode that an InferenceService was made in, and another one is asked for.",
        "Create another NIMService for the other mode.",
    ),
    Reason(
        "WholeClaimUsed",
        "A container can name one request of a claim or all; where several are asked for it gets the whole claim.",
        "Nothing where that will do; else an entry of `spec.draResources` for each request.",
    ),
    Reason(
        "SSHKeyMissing",
        "The Secret with the key of a group does not hold it, so its pods cannot reach each other.",
        "Delete the Secret; it is made again with a key.",
    ),
    Reason(
        "ChildNotObserved",
        "A child is wanted and stays unobserved: the API server refuses it, or an object of its name belongs to someone else.",
        "Correct what the events of the NIMService quote, or rename one of the two.",
    ),
    Reason(
        "FailedGetResourceMetric", "The autoscaler gets no figures of CPU or memory.", "Install or repair the metrics server; set requests."
    ),
    Reason("FailedGetPodsMetric", "The autoscaler gets no figures of the pods.", "Check the adapter of the custom metrics API."),
    Reason("FailedGetObjectMetric", "The autoscaler gets no figures of an object.", "Check the adapter of the custom metrics API."),
    Reason("FailedGetExternalMetric", "The autoscaler gets no figures from outside.", "Check the adapter of the external metrics API."),
    Reason("AutoscalerInactive", "The autoscaler does not scale for another reason; the message quotes it.", "Do what it asks for."),
    Reason("RouteNotAccepted", "A Gateway does not accept a route or a pool.", "By the quoted reason: check the Gateway's listeners."),
    Reason(
        "RouteNotResolved",
        "A route refers to something that does not exist or may not be referred to.",
        "Create it, or grant the reference.",
    ),
    Reason("RouteNotProgrammed", "A Gateway has accepted a route and cannot carry it out.", "Look at the Gateway."),
    Reason("RouteIgnored", "No Gateway has answered a route.", "Check that the Gateway exists and that its class has a controller."),
)
"""Reasons of ``Degraded``: the model may be up, and something of it does not work."""

EXCEPTIONS = (
    Reason("RootUser", "`spec.userID` is 0, so the containers run as root.", "Nothing where the namespace allows it; else another user."),
    Reason(
        "CertificatesNeedRoot",
        "`spec.proxy.certConfigMap` is installed by an init container that runs as root.",
        "Nothing where the namespace allows it; else an image with the certificates.",
    ),
    Reason("HostPath", "`spec.storage.hostPath` mounts a directory of the node.", "Nothing where the namespace allows it; else a claim."),
)
"""Reasons of ``PodSecurityRestricted``: why a namespace that enforces the standard ``restricted`` refuses the pods."""

ALL = {reason.name: reason for reason in (*VERDICTS, *CAUSES, *WARNINGS, *EXCEPTIONS)}
"""Every reason by its name."""

WEIGHT = {reason.name: weight for weight, reason in enumerate(CAUSES)}
"""The place of each cause in their order; the lowest is the worst."""

"""Reason: every reason of a condition of a NIMService, with its meaning and remedy.

``make docs`` makes ``docs/status.md`` of these tables and of that in ``hooks.kernel.pod.reason``.
"""

from hooks.kernel.pod.reason import CAUSES
from hooks.kernel.reason import Reason

VERDICTS = (
    Reason("Ready", "All replicas run the newest template and are available.", "Nothing."),
    Reason(
        "ScalingUp",
        "The model is up, and further replicas are starting.",
        "Nothing. If the message names a cause, follow its remedy.",
    ),
    Reason(
        "Recovering",
        "The model is up, and replicas that it has lost start again.",
        "Nothing. If the message names a cause, follow its remedy.",
    ),
    Reason(
        "ScaledToZero",
        "The desired number of replicas is 0, and none is left.",
        "Set `spec.replicas`, or raise the autoscaler's minimum, to start the model.",
    ),
    Reason(
        "Creating",
        "The workload is being created, or has just been; its controller has not reported yet.",
        "Wait. If this lasts, `ChildNotObserved` or `RollingOut` follows.",
    ),
    Reason(
        "Updating",
        "The latest edit is on its way to the workload.",
        "Wait. If this lasts, `ChangeNotApplied` follows.",
    ),
    Reason(
        "RollingOut",
        "A rollout is in progress. The message says how many replicas are updated and available.",
        "Wait. With `NIM_HOOKS_POD_CAUSES=false`, check the pods for causes.",
    ),
    Reason(
        "ChangeNotApplied",
        "The API server refuses the latest edit of the workload, which runs unchanged. As a reason "
        "of `Degraded`: that of the child that the message names.",
        "Correct the field in the events of `kubectl describe nims`.",
    ),
    Reason(
        "SwitchingPlatform",
        "The new workload waits until that of the former platform is gone.",
        "Wait until the former pods are gone.",
    ),
    Reason(
        "NIMCacheNotFound",
        "The NIMCache of `spec.storage.nimCache.name` does not exist.",
        "Create it, or correct the name.",
        holds=True,
    ),
    Reason(
        "NIMCacheNotReady",
        "The NIMCache is not ready.",
        "Wait until it is Ready, or see `kubectl describe nimcache`.",
        holds=True,
    ),
    Reason(
        "NIMCacheFailed",
        "The NIMCache has failed. The message quotes it.",
        "Repair the NIMCache, or create it again.",
        holds=True,
    ),
    Reason(
        "UnknownProfile",
        "The NIMCache lacks the desired profile, or its profile is unreadable.",
        "Set `spec.storage.nimCache.profile` to a profile that the message lists.",
        holds=True,
    ),
    Reason(
        "ResourceClaimNotFound",
        "A ResourceClaim of `spec.draResources` does not exist.",
        "Create it, or correct the name.",
        holds=True,
    ),
    Reason(
        "ComputeDomainNotFound",
        "The ComputeDomain of `spec.multiNode.computeDomain.name` does not exist.",
        "Create it, or correct the name.",
        holds=True,
    ),
    Reason(
        "ComputeDomainWithoutChannel",
        "The ComputeDomain has no channel for the pods to claim.",
        "Create it again with `spec.channel.resourceClaimTemplate.name`; the field is immutable.",
        holds=True,
    ),
    Reason(
        "ServiceAccountTaken",
        "Another owner has the ServiceAccount that the pods would run as.",
        "Delete it, hand it over as the message says, or rename the NIMService.",
        holds=True,
    ),
    Reason(
        "ConstraintsNotAllowed",
        "On OpenShift: the pods need SecurityContextConstraints that the installation does not "
        "allow.",
        "Change the field in the message, or add the component `openshift-anyuid` or "
        "`openshift-hostmount` to the installation.",
        holds=True,
    ),
    Reason(
        "InvalidSpec",
        "The hooks refuse the spec. The message names the field.",
        "Correct the field. The existing children stay unchanged until then.",
        holds=True,
    ),
    Reason(
        "KindNotManaged",
        "This installation does not manage the kind of a desired child. It makes all others.",
        "Add the component in the message to the installation.",
        holds=True,
    ),
    Reason(
        "NotSelected",
        "The `labelSelector` of the CompositeController stopped selecting the NIMService. Its "
        "children run on, and nothing updates or repairs them.",
        "Restore the labels that the selector asks for.",
        holds=True,
    ),
    Reason(
        "ProgressDeadlineExceeded",
        "The rollout has made no progress within the budget of the startup probe plus ten minutes. "
        "The message has the cause.",
        "Follow the remedy in the message. Retries go on meanwhile.",
    ),
    Reason(
        "Terminating",
        "The deletion is in progress. The message names the object that it waits for.",
        "Wait. Routes go first, then the workload, then claims. If a finalizer holds one of them, "
        "check its controller.",
    ),
)
"""Reasons of the NIMService as a whole."""

WARNINGS = (
    Reason(
        "NIMCacheChanged",
        "The NIMCache has changed since the model started. The pods keep the former model store.",
        "Edit `spec.storage` when the pods may restart.",
        holds=True,
    ),
    Reason(
        "GRPCPortMissing",
        "The Service has no gRPC port for the desired GRPCRoute.",
        "Set `spec.expose.service.grpcPort`.",
    ),
    Reason(
        "VariableContradictsPod",
        "A variable in `spec.env` has another value than what the pods mount or listen to.",
        "Correct the value, or remove the variable: the hooks set it.",
    ),
    Reason(
        "IngressBackendNotFound",
        "`spec.expose.ingress.spec` leads to a Service or a port that does not exist.",
        "Use the Service with the NIMService's own name, or `spec.expose.router.ingress`.",
    ),
    Reason(
        "EndpointPickerUnconfigured",
        "The endpoint picker has no readable configuration, so the hooks leave it out.",
        "Set the configuration in the field that the message names.",
    ),
    Reason(
        "KServeCannotExpress",
        "KServe cannot express some fields of the spec. The others take effect.",
        "Remove them, or use the standalone platform.",
    ),
    Reason(
        "KServeCopiesMetadata",
        "KServe copies an annotation to the pods that changes with every edit, so every edit that "
        "changes the InferenceService restarts them.",
        "Add the annotation to `serviceAnnotationDisallowedList` in KServe's ConfigMap "
        "`inferenceservice-config`, with the command that `nimservice doctor` prints.",
    ),
    Reason(
        "DeploymentModeFixed",
        "The spec asks for another deployment mode than that of the InferenceService, which KServe "
        "never changes.",
        "Create another NIMService for the other mode.",
    ),
    Reason(
        "WholeClaimUsed",
        "A container can use one request of a claim or the whole claim. For several requests it "
        "gets the whole claim.",
        "Nothing, if that is enough. Else use an entry of `spec.draResources` for each request.",
    ),
    Reason(
        "SSHKeyMissing",
        "The Secret lacks the SSH key of the groups, so their pods cannot reach each other.",
        "Delete the Secret. The hooks make it again with a key.",
    ),
    Reason(
        "ChildNotObserved",
        "A desired child is missing. The API server refuses it, or another owner has its name.",
        "Correct the field in the events of the NIMService, or rename one of the two objects.",
    ),
    Reason(
        "FailedGetResourceMetric",
        "The autoscaler gets no metrics of CPU or memory.",
        "Install or repair the metrics server, and set requests.",
    ),
    Reason(
        "FailedGetPodsMetric",
        "The autoscaler gets no metrics of the pods.",
        "Check the adapter of the custom metrics API.",
    ),
    Reason(
        "FailedGetObjectMetric",
        "The autoscaler gets no metrics of an object.",
        "Check the adapter of the custom metrics API.",
    ),
    Reason(
        "FailedGetExternalMetric",
        "The autoscaler gets no external metrics.",
        "Check the adapter of the external metrics API.",
    ),
    Reason(
        "AutoscalerInactive",
        "The autoscaler does not scale for another reason. The message quotes it.",
        "Follow the quoted message.",
    ),
    Reason(
        "RouteNotAccepted",
        "A Gateway does not accept a route or a pool.",
        "Check the Gateway's listeners, by the quoted reason.",
    ),
    Reason(
        "RouteNotResolved",
        "A route refers to a missing or forbidden object.",
        "Create the object, or grant the reference.",
    ),
    Reason(
        "RouteNotProgrammed",
        "A Gateway has accepted a route, but not programmed it.",
        "Check the Gateway.",
    ),
    Reason(
        "RouteIgnored",
        "No Gateway has answered a route.",
        "Check that the Gateway exists and that its class has a controller.",
    ),
)
"""Reasons of ``Degraded``: a part does not work, although the model may be up."""

EXCEPTIONS = (
    Reason(
        "RootUser",
        "Containers run as root, by `spec.userID` or a security context.",
        "Nothing, if the namespace allows it. Else set another user.",
    ),
    Reason(
        "SecurityContext",
        "A security context gives containers more rights than the standard allows.",
        "Nothing, if the namespace allows it. Else remove them.",
    ),
    Reason(
        "CertificatesNeedRoot",
        "An init container that runs as root installs `spec.proxy.certConfigMap`.",
        "Nothing, if the namespace allows it. Else use an image that has the certificates.",
    ),
    Reason(
        "HostPath",
        "`spec.storage.hostPath` or a volume in `spec.volumes` mounts a directory of the node.",
        "Nothing, if the namespace allows it. Else use a claim.",
    ),
    Reason(
        "VolumeType",
        "A volume in `spec.volumes` has a type that the standard refuses, such as `nfs`.",
        "Nothing, if the namespace allows it. Else use a claim.",
    ),
)
"""Reasons of ``PodSecurityRestricted``: why the standard ``restricted`` refuses the pods."""

ALL = {reason.name: reason for reason in (*VERDICTS, *CAUSES, *WARNINGS, *EXCEPTIONS)}
"""Every reason by its name."""

HOLDING = tuple(reason.name for reason in ALL.values() if reason.holds)
"""The reasons for which a sync holds a workload."""

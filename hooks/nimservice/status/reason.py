"""Reason: every reason that a condition of a NIMService can carry, what it means and what to do about it.

The table is what ``docs/status.md`` is made of; why pods are not ready stands in ``hooks.kernel.pod.reason``.
"""

from hooks.kernel.pod.reason import CAUSES
from hooks.kernel.reason import Reason

VERDICTS = (
    Reason("Ready", "All replicas run the newest template and are available.", "Nothing."),
    Reason(
        "ScalingUp",
        "The model is up; further replicas are being added.",
        "Nothing, or what the message says the new replicas wait for.",
    ),
    Reason(
        "ScaledToZero",
        "No replicas are asked for, and none is left.",
        "Set `spec.replicas`, or raise the autoscaler's minimum, to start it.",
    ),
    Reason(
        "Creating", "The workload is being created.", "Wait. If it stays, see `ChildNotObserved`."
    ),
    Reason(
        "Updating",
        "The latest edit is on its way to the workload.",
        "Wait. An edit that does not arrive within seconds is told by `ChangeNotApplied`.",
    ),
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
        "SwitchingPlatform",
        "The workload of the former platform is still there; the new one follows.",
        "Wait until its pods are gone.",
    ),
    Reason(
        "NIMCacheNotFound",
        "The NIMCache that `spec.storage.nimCache.name` names does not exist.",
        "Create it, or correct the name.",
        holds=True,
    ),
    Reason(
        "NIMCacheNotReady",
        "The NIMCache exists and cannot be used yet.",
        "Wait until it is Ready; `kubectl describe nimcache` tells more.",
        holds=True,
    ),
    Reason(
        "NIMCacheFailed",
        "The NIMCache has failed; the message quotes it.",
        "Repair or recreate the NIMCache.",
        holds=True,
    ),
    Reason(
        "UnknownProfile",
        "The NIMCache does not hold the profile that is asked for, or holds one that cannot be read.",
        "Choose one of the profiles in the message in `spec.storage.nimCache.profile`.",
        holds=True,
    ),
    Reason(
        "ResourceClaimNotFound",
        "A ResourceClaim that `spec.draResources` names does not exist.",
        "Create it, or correct the name.",
        holds=True,
    ),
    Reason(
        "ComputeDomainNotFound",
        "The ComputeDomain that `spec.multiNode.computeDomain.name` names does not exist.",
        "Create it, or correct the name.",
        holds=True,
    ),
    Reason(
        "ComputeDomainWithoutChannel",
        "The ComputeDomain has no channel that pods could claim.",
        "Make it again, with `spec.channel.resourceClaimTemplate.name`; it is immutable.",
        holds=True,
    ),
    Reason(
        "InvalidSpec",
        "The hooks refuse the spec; the message names the field.",
        "Correct the field. What runs keeps running until then.",
        holds=True,
    ),
    Reason(
        "KindNotManaged",
        "A child is wanted whose kind this installation does not manage; everything else runs.",
        "Add the component that the message names to the installation.",
        holds=True,
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

WARNINGS = (
    Reason(
        "NIMCacheChanged",
        "The NIMCache has changed since the model started; the pods keep what they have.",
        "Edit `spec.storage` when the pods may restart.",
        holds=True,
    ),
    Reason(
        "GRPCPortMissing",
        "A GRPCRoute is asked for, and the Service has no port for gRPC.",
        "Set `spec.expose.service.grpcPort`.",
    ),
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
        "FailedGetResourceMetric",
        "The autoscaler gets no figures of CPU or memory.",
        "Install or repair the metrics server; set requests.",
    ),
    Reason(
        "FailedGetPodsMetric",
        "The autoscaler gets no figures of the pods.",
        "Check the adapter of the custom metrics API.",
    ),
    Reason(
        "FailedGetObjectMetric",
        "The autoscaler gets no figures of an object.",
        "Check the adapter of the custom metrics API.",
    ),
    Reason(
        "FailedGetExternalMetric",
        "The autoscaler gets no figures from outside.",
        "Check the adapter of the external metrics API.",
    ),
    Reason(
        "AutoscalerInactive",
        "The autoscaler does not scale for another reason; the message quotes it.",
        "Do what it asks for.",
    ),
    Reason(
        "RouteNotAccepted",
        "A Gateway does not accept a route or a pool.",
        "By the quoted reason: check the Gateway's listeners.",
    ),
    Reason(
        "RouteNotResolved",
        "A route refers to something that does not exist or may not be referred to.",
        "Create it, or grant the reference.",
    ),
    Reason(
        "RouteNotProgrammed",
        "A Gateway has accepted a route and cannot carry it out.",
        "Look at the Gateway.",
    ),
    Reason(
        "RouteIgnored",
        "No Gateway has answered a route.",
        "Check that the Gateway exists and that its class has a controller.",
    ),
)
"""Reasons of ``Degraded``: the model may be up, and something of it does not work."""

EXCEPTIONS = (
    Reason(
        "RootUser",
        "`spec.userID` is 0, so the containers run as root.",
        "Nothing where the namespace allows it; else another user.",
    ),
    Reason(
        "CertificatesNeedRoot",
        "`spec.proxy.certConfigMap` is installed by an init container that runs as root.",
        "Nothing where the namespace allows it; else an image with the certificates.",
    ),
    Reason(
        "HostPath",
        "`spec.storage.hostPath` mounts a directory of the node.",
        "Nothing where the namespace allows it; else a claim.",
    ),
)
"""Reasons of ``PodSecurityRestricted``: why a namespace that enforces the standard ``restricted`` refuses the pods."""

ALL = {reason.name: reason for reason in (*VERDICTS, *CAUSES, *WARNINGS, *EXCEPTIONS)}
"""Every reason by its name."""

HOLDING = tuple(reason.name for reason in ALL.values() if reason.holds)
"""The reasons for which a sync keeps a workload as it is."""

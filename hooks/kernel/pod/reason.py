"""Reason: every cause for which pods are not ready, what it means and what to do about it; their order is that of their weight."""

from hooks.kernel.reason import Reason

CAUSES = (
    Reason(
        "InvalidImageName",
        "An image's name cannot be parsed.",
        "Correct the repository and the tag.",
    ),
    Reason(
        "ErrImageNeverPull",
        "An image is not on the node, and its pull policy is Never.",
        "Load it onto the node, or change the policy.",
    ),
    Reason(
        "SignatureValidationFailed",
        "The node refuses an image for its signature.",
        "Sign the image, or change the node's policy.",
    ),
    Reason(
        "ImageInspectError",
        "The node cannot read an image that it has.",
        "Look at the container runtime of the node.",
    ),
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
    Reason(
        "CreateContainerError",
        "The container runtime cannot create a container.",
        "Look at the container runtime of the node.",
    ),
    Reason(
        "RunContainerError",
        "The container runtime cannot start a container: a command that does not exist, a GPU that is not there.",
        "Check `spec.command`, or the node's GPU driver and container toolkit, as the message says.",
    ),
    Reason(
        "OOMKilled",
        "A container used more memory than it may.",
        "Raise its memory limit, or use a smaller profile.",
    ),
    Reason(
        "CrashLoopBackOff",
        "A container ends again and again; the message has its exit code and its last words.",
        "Read its log: `kubectl logs POD -c CONTAINER --previous`.",
    ),
    Reason(
        "PersistentVolumeClaimLost",
        "The volume of the claim is gone, and the model with it.",
        "Restore the volume, or recreate the claim.",
    ),
    Reason(
        "PersistentVolumeClaimNotFound",
        "The pods name a claim that does not exist.",
        "Create it, or correct `spec.storage`.",
    ),
    Reason(
        "PodSecurityViolation",
        "The namespace's Pod Security Standard, or OpenShift's constraints, refuse the pods.",
        "Use another namespace or standard, or leave out what the message names.",
    ),
    Reason(
        "AdmissionDenied",
        "An admission webhook or policy refuses the pods.",
        "Satisfy the policy that the message quotes.",
    ),
    Reason(
        "QuotaExceeded",
        "The namespace's quota leaves no room for the pods.",
        "Raise the quota, free some of it, or ask for less.",
    ),
    Reason(
        "FailedCreate",
        "The pods cannot be created for another reason; the message quotes it.",
        "Do what it asks for.",
    ),
    Reason(
        "NodeNotReady",
        "The node of a pod does not report any more.",
        "Look at the node. Its pods move after five minutes.",
    ),
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
    Reason(
        "ResourceClaimPending",
        "Devices that the pods claim are not allocated yet.",
        "Check that a driver offers such devices.",
    ),
    Reason(
        "SchedulingGated",
        "Something holds the pods back from scheduling.",
        "Ask who set the gate, such as a queue for jobs.",
    ),
    Reason(
        "PodInitializing",
        "An init container is running.",
        "Wait; the log of the init container tells how far it is.",
    ),
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
    Reason(
        "ContainersNotReady",
        "A container has started, and its readiness probe fails.",
        "Read its log.",
    ),
    Reason(
        "ReadinessGatesNotReady",
        "The containers are ready, and a readiness gate of the pod is not.",
        "Ask who sets the gate, such as a load balancer.",
    ),
    Reason(
        "PredictorNotReady",
        "KServe says that its predictor is not ready; the message quotes it.",
        "Do what it asks for.",
    ),
    Reason(
        "UnexpectedAdmissionError",
        "The node refused a pod that was scheduled to it.",
        "Look at the node: its devices or resources are not what the scheduler believes.",
    ),
    Reason(
        "Evicted",
        "The node was short of something and evicted a pod.",
        "Ask for what the pod uses, or give the node more.",
    ),
    Reason(
        "Preempted",
        "A pod had to make room for one of higher priority.",
        "Raise `spec.priorityClassName`, or add nodes.",
    ),
    Reason(
        "NodeLost",
        "The node of a pod that is being deleted does not answer.",
        "Repair or remove the node.",
    ),
    Reason(
        "DeletionStuck",
        "A pod stays although its time to end is over, and holds its devices.",
        "Look at its finalizers and at its node.",
    ),
    Reason(
        "PodFailed",
        "A pod ended for another reason; the message quotes it.",
        "Do what it asks for.",
    ),
)
"""Why pods are not ready, the worst first."""

WEIGHT = {reason.name: weight for weight, reason in enumerate(CAUSES)}
"""The place of each cause in their order; the lowest is the worst."""

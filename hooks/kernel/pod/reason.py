"""Reason: every cause for which pods are not ready, the worst first."""

from hooks.kernel.reason import Reason

CAUSES = (
    Reason(
        "InvalidImageName",
        "The name of an image is invalid.",
        "Correct the repository and the tag.",
    ),
    Reason(
        "ErrImageNeverPull",
        "The node lacks an image, and the pull policy is Never.",
        "Load the image onto the node, or set another pull policy.",
    ),
    Reason(
        "SignatureValidationFailed",
        "The node refuses the signature of an image.",
        "Sign the image, or change the node's policy.",
    ),
    Reason(
        "ImageInspectError",
        "The node cannot read an existing image.",
        "Check the container runtime of the node.",
    ),
    Reason(
        "ImagePullBackOff",
        "The node cannot pull an image. The message quotes the registry.",
        "By the quoted answer, check the repository and tag, the pull secrets, or the network.",
    ),
    Reason(
        "CreateContainerConfigError",
        "A Secret, a ConfigMap or a key for a container is missing, or its user is not allowed.",
        "Create the object that the message names, or set the user.",
    ),
    Reason(
        "CreateContainerError",
        "The container runtime cannot create a container.",
        "Check the container runtime of the node.",
    ),
    Reason(
        "RunContainerError",
        "The container runtime cannot start a container, for example for a missing command or GPU.",
        "By the quoted message, check `spec.command`, or the GPU driver of the node.",
    ),
    Reason(
        "OOMKilled",
        "A container ran out of memory.",
        "Raise its memory limit or request, or serve a smaller profile.",
    ),
    Reason(
        "CrashLoopBackOff",
        "A container ends again and again. The message has its exit code and last lines.",
        "Read its log: `kubectl logs POD -c CONTAINER --previous`.",
    ),
    Reason(
        "PersistentVolumeClaimLost",
        "The claim has lost its volume, and the model with it.",
        "Restore the volume, or delete the claim to start with an empty one.",
    ),
    Reason(
        "PersistentVolumeClaimNotFound",
        "The claim of the pods does not exist.",
        "Create the claim, or correct `spec.storage`.",
    ),
    Reason(
        "PodSecurityViolation",
        "The Pod Security Standard of the namespace, or OpenShift's constraints, refuse the pods.",
        "Use another namespace or standard, or remove the quoted fields.",
    ),
    Reason(
        "AdmissionDenied",
        "An admission webhook or policy refuses the pods.",
        "Satisfy the quoted policy.",
    ),
    Reason(
        "QuotaExceeded",
        "The pods exceed a quota of the namespace.",
        "Raise or free the quota, or request less.",
    ),
    Reason(
        "FailedCreate",
        "The API server refuses the pods for another reason. The message quotes it.",
        "Follow the quoted message.",
    ),
    Reason(
        "NodeNotReady",
        "The node of a pod no longer reports its state.",
        "Check the node. Kubernetes replaces its pods after five minutes.",
    ),
    Reason(
        # Before Unschedulable: the pod keeps the scheduler's earlier words until it has its volume.
        "VolumeProvisioning",
        "A node was chosen for a pod, and the volume of the claim is being made there.",
        "Wait. The events in `kubectl describe pvc` tell what takes long.",
    ),
    Reason(
        "SchedulerError",
        "The scheduler failed on a pod and tries again. The message quotes it.",
        "Check what the message names, or the scheduler.",
    ),
    Reason(
        "NotScheduled",
        "No scheduler has reported on a pod yet.",
        "Check that its scheduler runs, or correct `spec.schedulerName`.",
    ),
    Reason(
        "Unschedulable",
        "No node fits a pod. The message has the scheduler's count by reason.",
        "Free or add the missing resource, or relax the constraints.",
    ),
    Reason(
        "PersistentVolumeClaimPending",
        "The claim is not bound to a volume yet.",
        "Check its StorageClass. The events in `kubectl describe pvc` tell more.",
    ),
    Reason(
        "VolumeOnAnotherNode",
        "Pods on several nodes need a claim that one node at a time can mount.",
        "Use a claim with the access mode ReadWriteMany, or keep the pods on one node.",
    ),
    Reason(
        "ResourceClaimPending",
        "The ResourceClaims of the pods have no devices yet.",
        "Check that nodes offer such devices.",
    ),
    Reason(
        "NodeNominated",
        "A node was chosen for a pod, and is being prepared: other pods end, or a volume is made.",
        "Wait. The events of the pod tell what takes long.",
    ),
    Reason(
        "SchedulingGated",
        "A scheduling gate holds back the pods.",
        "Check the controller that set the gate, such as a queue for jobs.",
    ),
    Reason(
        "PodInitializing",
        "An init container is running.",
        "Wait. Its log shows the progress.",
    ),
    Reason(
        "ContainerCreating",
        "The node is mounting volumes, setting up the network, or pulling an image.",
        "Wait. The events of the pod tell what takes long.",
    ),
    Reason(
        "Starting",
        "The startup probe of a container has not succeeded yet. The message has its limit.",
        "Wait. Its log shows the progress.",
    ),
    Reason(
        "ContainersNotReady",
        "The readiness probe of a started container fails.",
        "Read its log.",
    ),
    Reason(
        "ReadinessGatesNotReady",
        "All containers are ready, but a readiness gate of the pod is closed.",
        "Check the controller that sets the gate, such as that of a load balancer.",
    ),
    Reason(
        "PredictorNotReady",
        "KServe reports that its predictor is not ready. The message quotes KServe.",
        "Follow the quoted message.",
    ),
    Reason(
        "UnexpectedAdmissionError",
        "The node refused a scheduled pod.",
        "Compare the free devices and resources of the node with the pods' requests.",
    ),
    Reason(
        "Evicted",
        "The node ran short of a resource and evicted a pod.",
        "Request what the pod uses, or give the node more.",
    ),
    Reason(
        "Preempted",
        "The scheduler preempted a pod for one of higher priority.",
        "Raise `spec.priorityClassName`, or add nodes.",
    ),
    Reason(
        "NodeLost",
        "The node of a deleted pod does not respond.",
        "Repair or remove the node.",
    ),
    Reason(
        "DeletionStuck",
        "A deleted pod still exists after its grace period, and holds its devices.",
        "Check its finalizers and its node.",
    ),
    Reason(
        "PodFailed",
        "A pod failed for another reason. The message quotes it.",
        "Follow the quoted message.",
    ),
)
"""Why pods are not ready, the worst first."""

WEIGHT = {reason.name: weight for weight, reason in enumerate(CAUSES)}
"""The position of each cause in that order; the lowest is the worst."""

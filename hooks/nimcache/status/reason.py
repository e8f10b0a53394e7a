"""Reason: the reasons of a NIMCache's conditions, with meaning and remedy."""

from hooks.kernel.pod.reason import CAUSES
from hooks.kernel.reason import Reason

VERDICTS = (
    Reason("Ready", "The claim holds the model.", "Nothing."),
    Reason("Creating", "The claim is being created.", "Wait. If it stays, `NotCreated` follows."),
    Reason(
        "NotCreated",
        "The claim or a Job is desired but missing. The API server may refuse it.",
        "Read its answer in `kubectl describe nimcache`. Correct the field that it names.",
    ),
    Reason(
        "Probing",
        "The probe is reading from the image which profiles it has and how it downloads.",
        "Wait. It takes as long as pulling the image.",
    ),
    Reason(
        "ProbeFailed",
        "The probe could not read the image.",
        "Follow the message. The probe starts anew after a minute.",
    ),
    Reason(
        "GPUUnknown",
        "Profiles for different GPUs fit, and the GPUs of the cluster are unknown.",
        "Set `spec.source.ngc.model.gpus`, or `nvidia.com/gpu.product` in `spec.nodeSelector`, "
        "or `NIM_HOOKS_GPU_PRODUCTS`.",
    ),
    Reason(
        "ServiceAccountTaken",
        "On OpenShift: another owner has the ServiceAccount that the pods would run as.",
        "Delete it, hand it over as the message says, or rename the NIMCache.",
    ),
    Reason(
        "ConstraintsNotAllowed",
        "On OpenShift: the pods need SecurityContextConstraints that the installation does not "
        "allow.",
        "Change the field in the message, or add the component `openshift-anyuid`.",
    ),
    Reason(
        "NoProfileMatches",
        "No profile of the image passes the filters. The message has the values that exist.",
        "Create another NIMCache with other filters.",
    ),
    Reason(
        "UnknownProfile",
        "The image has no profile of a given name.",
        "Create another NIMCache with names from the message.",
    ),
    Reason(
        "ManifestUnreadable",
        "The model manifest of the image is unreadable. If the spec names profiles, the download "
        "goes on without it.",
        "Name the profiles in another NIMCache. If the image lacks tools, set "
        "`NIM_HOOKS_PROBE_IMAGE`.",
    ),
    Reason(
        "ManifestTooLarge",
        "The image has more profiles than the report of the probe can hold.",
        "Name the profiles in another NIMCache.",
    ),
    Reason(
        "NoDownloader",
        "The image cannot download from Hugging Face.",
        "Use the image of a NIM that serves models of Hugging Face.",
    ),
    Reason(
        "DatasetUnsupported",
        "The spec names a data set, and the image downloads only models.",
        "Use an image with `huggingface-cli`.",
    ),
    Reason(
        "ClaimShared",
        "Another NIMCache is downloading into the same claim, or owns it.",
        "Wait, or give each NIMCache its own claim or `spec.storage.pvc.subPath`.",
    ),
    Reason("Starting", "The download or its pod is being created.", "Wait."),
    Reason(
        "JobSuspended",
        "The Job of the probe or the download is suspended.",
        "Check the controller that suspended it, such as a queue for jobs.",
    ),
    Reason(
        "Downloading",
        "The download is running. The message has its pod, its node, the time of its start and "
        "the end of the attempt before.",
        "Wait. The log of the pod shows the progress.",
    ),
    Reason(
        "Retrying",
        "An attempt failed, and the next one follows. The message quotes its last words.",
        "Follow the message.",
    ),
    Reason(
        "DownloadFailed",
        "The download failed. The message quotes its last words.",
        "Follow the message. The download starts anew after ten minutes, or once its Job is "
        "deleted.",
    ),
    Reason(
        "DownloadUnauthorized",
        "The server refused the key of the download (401).",
        "Put a valid key into the Secret that the message names.",
    ),
    Reason(
        "DownloadForbidden",
        "The account of the key may not use the model (402, 403).",
        "Accept the terms or the price of the model, or use another account.",
    ),
    Reason(
        "DownloadNotFound",
        "The server does not have the model, the revision or the profile (404).",
        "Check the names in `spec.source`.",
    ),
    Reason(
        "ClaimFull",
        "The claim has no room for the model.",
        "Raise `spec.storage.pvc.size` where the StorageClass can expand.",
    ),
    Reason(
        "Replacing",
        "An edit or a new attempt replaces the download. The former one has to end first.",
        "Wait.",
    ),
    Reason(
        "ClaimLost",
        "The claim with the model is gone, or is being deleted.",
        "Wait until the model is downloaded again.",
    ),
    Reason(
        "InUse",
        "The deletion of the NIMCache waits, because NIMServices use it.",
        "Delete them, or let them use another storage, or keep the claim with "
        "`kubectl delete --cascade=orphan`.",
    ),
    Reason(
        "InvalidSpec",
        "The hooks refuse the spec. The message names the field.",
        "Correct the field. A downloaded model stays.",
        holds=True,
    ),
    Reason("Terminating", "The NIMCache is being deleted.", "Wait."),
)
"""Reasons of the NIMCache as a whole. Those of its pods come from the kernel."""

WARNINGS = (
    Reason(
        "NotSelected",
        "The `labelSelector` of the CompositeController stopped selecting the NIMCache. Claim and "
        "Jobs stay as they are.",
        "Restore the labels that the selector asks for.",
        holds=True,
    ),
    Reason(
        "NIMCacheOutdated",
        "The spec has changed since the download. The claim holds the model of the former spec.",
        "Create another NIMCache to download that of the present spec.",
    ),
    Reason(
        "ClaimNotGrown",
        "The claim requests less than the spec asks for.",
        "Use a StorageClass that can expand.",
    ),
    Reason("FieldIgnored", "A field or annotation has no effect.", "Follow the message."),
    Reason(
        "KindNotManaged",
        "The installation does not manage the kind of a desired child.",
        "Add the component that the message names to the installation.",
        holds=True,
    ),
    Reason(
        "ChildNotObserved",
        "The name of a claim or Job is taken.",
        "Follow the message.",
    ),
)
"""Reasons of ``Degraded``. Those that stop the NIMCache are reasons of ``Ready``, too."""

EXCEPTIONS = (
    Reason(
        "RootUser",
        "`spec.userID` is 0, so the containers run as root.",
        "Nothing if the namespace allows it, else set another user.",
    ),
    Reason(
        "CertificatesNeedRoot",
        "The init container that installs `spec.proxy.certConfigMap` runs as root.",
        "Nothing if the namespace allows it, else use an image with the certificates.",
    ),
)
"""Reasons of ``PodSecurityRestricted``.

A namespace that enforces the standard ``restricted`` refuses such pods.
"""

KEPT = (
    Reason("PVCCreated", "The claim was created for the NIMCache.", "Nothing."),
    Reason("JobCreated", "The Job of the download was created.", "Nothing."),
    Reason("JobPending", "No container of the download runs yet.", "See the reason of `Ready`."),
    Reason("JobRunning", "The download is running or retrying.", "See the reason of `Ready`."),
    Reason("JobCompleted", "The claim holds the model.", "Nothing."),
    Reason("JobFailed", "The download failed.", "See the reason of `Ready`."),
    Reason("ReconcileFailed", "Nothing decides what to download.", "See the reason of `Ready`."),
)
"""Reasons of the conditions that NVIDIA's operator writes too, ``NIM_CACHE_*``."""

ALL = {reason.name: reason for reason in (*CAUSES, *VERDICTS, *WARNINGS, *EXCEPTIONS, *KEPT)}
"""Every reason by its name. Where a pod has the same, that of the NIMCache counts."""

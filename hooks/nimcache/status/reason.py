"""Reason: the reasons of a NIMCache's conditions, with meaning and remedy."""

from hooks.kernel.pod.reason import CAUSES
from hooks.kernel.reason import Reason

VERDICTS = (
    Reason("Ready", "The claim holds the model.", "Nothing."),
    Reason("Creating", "The claim is being created.", "Wait. If it stays, see `ChildNotObserved`."),
    Reason(
        "Probing",
        "The image is being read: which profiles it has, and how it downloads.",
        "Wait. It takes as long as pulling the image.",
    ),
    Reason(
        "ProbeFailed",
        "The image could not be read.",
        "Do what the message asks for. It is tried again by itself.",
    ),
    Reason(
        "GPUUnknown",
        "Profiles for different GPUs fit, and it is not known which GPUs the cluster has.",
        "Set `spec.source.ngc.model.gpus`, or `nvidia.com/gpu.product` in `spec.nodeSelector`, "
        "or `NIM_HOOKS_GPU_PRODUCTS`.",
    ),
    Reason(
        "NoProfileMatches",
        "No profile of the image has what is asked for; the message has what there is.",
        "Create another NIMCache with other filters.",
    ),
    Reason(
        "UnknownProfile",
        "The image has no profile of a name that is asked for.",
        "Create another NIMCache with names that the message lists.",
    ),
    Reason(
        "ManifestUnreadable",
        "The image's model manifest cannot be read. Where the profiles are named, the download "
        "goes on without it.",
        "Name the profiles in another NIMCache, or set `NIM_HOOKS_PROBE_IMAGE` where the image "
        "lacks tools.",
    ),
    Reason(
        "ManifestTooLarge",
        "The image has more profiles than a report has room for.",
        "Name the profiles in another NIMCache.",
    ),
    Reason(
        "NoDownloader",
        "The image cannot download from Hugging Face.",
        "Use the image of a NIM that serves models of Hugging Face.",
    ),
    Reason(
        "DatasetUnsupported",
        "A data set is asked for, and the image downloads models alone.",
        "Use an image with `huggingface-cli`.",
    ),
    Reason("Starting", "The download is being created, or its pod is.", "Wait."),
    Reason(
        "Downloading",
        "The download runs; the message has since when, where, and how the attempt before has "
        "ended.",
        "Wait. The log of the pod shows progress.",
    ),
    Reason(
        "Retrying",
        "An attempt has failed, and the next one follows; the message quotes it.",
        "Do what the message asks for.",
    ),
    Reason(
        "DownloadFailed",
        "The download has failed; the message quotes its last words.",
        "Do what the message asks for. It starts anew after ten minutes, or when its Job is "
        "deleted.",
    ),
    Reason(
        "DownloadUnauthorized",
        "The server does not know the key of the download (401).",
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
        "An edit, or a new attempt, replaces the download; the former one has to end first.",
        "Wait.",
    ),
    Reason(
        "ClaimLost",
        "The claim that held the model is gone, or is being deleted.",
        "Wait: the model is downloaded again.",
    ),
    Reason(
        "InUse",
        "The NIMCache is being deleted, and NIMServices use it.",
        "Delete them, or let them use another storage. `kubectl delete --cascade=orphan` keeps "
        "the claim.",
    ),
    Reason(
        "InvalidSpec",
        "The hooks refuse the spec; the message names the field.",
        "Correct the field. A model that is there stays.",
        holds=True,
    ),
    Reason("Terminating", "The NIMCache is being deleted.", "Wait."),
)
"""Reasons of the NIMCache as a whole, beside those of its pods."""

WARNINGS = (
    Reason(
        "NIMCacheOutdated",
        "The spec has been edited since the model was downloaded; the claim holds what was "
        "asked for before.",
        "Create another NIMCache to download what is asked for now.",
    ),
    Reason(
        "ClaimNotGrown",
        "The claim is smaller than the spec asks for.",
        "Use a StorageClass that can expand.",
    ),
    Reason(
        "FieldIgnored", "A field or annotation has no effect.", "Do what the message says instead."
    ),
    Reason(
        "KindNotManaged",
        "A child is wanted whose kind this installation does not manage.",
        "Add the component that the message names to the installation.",
        holds=True,
    ),
    Reason(
        "ChildNotObserved",
        "A claim or Job of the name exists, and belongs to somebody else.",
        "Do what the message says.",
    ),
)
"""Reasons of ``Degraded``, and of ``Ready`` where nothing goes on because of them."""

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
)
"""Reasons of ``PodSecurityRestricted``.

A namespace that enforces the standard ``restricted`` refuses such pods.
"""

KEPT = (
    Reason("PVCCreated", "The claim was created for the NIMCache.", "Nothing."),
    Reason("JobCreated", "The Job of the download was created.", "Nothing."),
    Reason("JobPending", "No container of the download runs yet.", "See the reason of `Ready`."),
    Reason("JobRunning", "The download runs, or is tried again.", "See the reason of `Ready`."),
    Reason("JobCompleted", "The claim holds the model.", "Nothing."),
    Reason("JobFailed", "The download has failed.", "See the reason of `Ready`."),
    Reason("ReconcileFailed", "It cannot be said what to download.", "See the reason of `Ready`."),
)
"""Reasons of the conditions that NVIDIA's operator writes too, ``NIM_CACHE_*``."""

ALL = {reason.name: reason for reason in (*VERDICTS, *CAUSES, *WARNINGS, *EXCEPTIONS, *KEPT)}
"""Every reason by its name."""

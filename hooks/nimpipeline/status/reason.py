"""Reason: every reason that a NIMPipeline gives of its own, what it means and what to do about it."""

from hooks.kernel.reason import Reason

VERDICTS = (
    Reason("Ready", "Every service that is enabled is Ready.", "Nothing."),
    Reason(
        "NothingEnabled",
        "No service is enabled, so there is nothing to wait for.",
        "Set `enabled: true` for those that are to run.",
    ),
    Reason(
        "Draining",
        "Every service that is enabled is Ready; former ones are still ending.",
        "Wait until they are gone.",
    ),
    Reason(
        "Creating", "A NIMService is being created.", "Wait. If it stays, see `ChildNotObserved`."
    ),
    Reason("Updating", "An edit is on its way to a NIMService.", "Wait."),
    Reason(
        "Replacing",
        "A service was enabled again, or made anew, while its former NIMService is still ending.",
        "Wait until that is gone.",
    ),
    Reason(
        "AwaitingStatus",
        "A NIMService has no status that is as new as its spec.",
        "Wait. If it stays, look for the CompositeController `nimservice`.",
    ),
    Reason(
        "ChangeNotApplied",
        "The API server does not take the latest edit of a service; its NIMService runs on as it was.",
        "Correct the field that an event of the NIMPipeline names (`kubectl describe nimp`).",
    ),
    Reason(
        "ChildNotObserved",
        "A NIMService is wanted and cannot be made: its name is taken, or the API server refuses it.",
        "Rename the service or hand the NIMService over, as the message says; else correct what the events of the NIMPipeline quote.",
    ),
    Reason(
        "InvalidSpec",
        "The hooks refuse the spec; the message names the field.",
        "Correct the field. What runs keeps running until then.",
        holds=True,
    ),
    Reason(
        "Terminating",
        "The NIMPipeline is being deleted, and its NIMServices with it.",
        "Wait until they are gone.",
    ),
)
"""Reasons of the pipeline as a whole; every other one is that of the NIMService that the message names."""

WARNINGS = (
    Reason(
        "EnabledNotSet",
        "A service says neither `enabled: true` nor `enabled: false`, so it is off.",
        "Set it.",
    ),
)
"""Reasons of ``Degraded`` beside those of the NIMServices."""

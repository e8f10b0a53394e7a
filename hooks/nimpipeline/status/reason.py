"""Reason: every reason of a NIMPipeline's own, with its meaning and remedy."""

from hooks.kernel.reason import Reason

VERDICTS = (
    Reason("Ready", "Every enabled service is Ready.", "Nothing."),
    Reason(
        "NothingEnabled",
        "No service is enabled.",
        "Set `enabled: true` for the desired services.",
    ),
    Reason(
        "Draining",
        "Every enabled service is Ready. Former ones are still ending.",
        "Wait until they are gone.",
    ),
    Reason(
        "Creating",
        "A NIMService does not exist yet.",
        "Wait. If this lasts, `ChildNotObserved` follows.",
    ),
    Reason(
        "Updating",
        "The latest edit is on its way to a NIMService.",
        "Wait. If this lasts, `ChangeNotApplied` follows.",
    ),
    Reason(
        "Replacing",
        "A NIMService waits until the former one of its name is gone.",
        "Wait until the former one is gone.",
    ),
    Reason(
        "AwaitingStatus",
        "A NIMService has no status for its current spec.",
        "Wait. If this lasts, check the CompositeController `nimservice`.",
    ),
    Reason(
        "ChangeNotApplied",
        "The API server refuses the latest edit of a service. Its NIMService runs unchanged.",
        "Correct the field in the events of `kubectl describe nimp`.",
    ),
    Reason(
        "ChildNotObserved",
        "A desired NIMService is missing. Its name is taken, or the API server refuses it.",
        "Rename the service, or hand the NIMService over. Else correct the field in the events of "
        "the NIMPipeline.",
    ),
    Reason(
        "InvalidSpec",
        "The hooks refuse the spec. The message names the field.",
        "Correct the field. The existing NIMServices stay unchanged until then.",
        holds=True,
    ),
    Reason(
        "Terminating",
        "The deletion of the NIMPipeline and its NIMServices is in progress.",
        "Wait until they are gone.",
    ),
)
"""Reasons of the pipeline as a whole. Any other is that of the NIMService in the message."""

WARNINGS = (
    Reason(
        "EnabledNotSet",
        "A service has no `enabled`, so it is off.",
        "Set it.",
    ),
    Reason(
        "DependencyUnreachable",
        "Nobody answers at the address of a dependency: it is disabled, or its Service lacks the "
        "port.",
        "Correct the dependency, or set its `envValue`.",
    ),
)
"""Reasons of ``Degraded``, beside those of the NIMServices."""

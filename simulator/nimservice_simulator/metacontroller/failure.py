"""Failure: the ways in which a sync ends early."""


class SyncError(Exception):
    """The sync failed: an event on the parent, and another try after the back-off."""


class RetryLater(Exception):
    """The hook answered 429: no event, no back-off, another try when it said."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"asked to call again in {seconds:g} s")
        self.seconds = seconds

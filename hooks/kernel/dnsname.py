"""DNS name: the names of RFC 1123 that Kubernetes gives to most of its objects."""

import re

_LABEL = "[a-z0-9]([-a-z0-9]*[a-z0-9])?"
_LABELS = re.compile(rf"{_LABEL}(\.{_LABEL})*")

LABEL_FORM = "at most 63 lower-case letters, digits and '-', with a letter or digit at both ends"
"""What a label is, in words."""


def is_label(text: str) -> bool:
    """Whether a text is a label, as the names of namespaces and Services are."""
    return len(text) <= 63 and "." not in text and _LABELS.fullmatch(text) is not None


def is_subdomain(text: str) -> bool:
    """Whether a text is labels with dots between them, as the names of most objects are."""
    return len(text) <= 253 and _LABELS.fullmatch(text) is not None

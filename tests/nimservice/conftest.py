"""What all tests of a NIMService share."""

import base64
from itertools import count

import pytest

from hooks.nimservice.children.multinode import sshkey


@pytest.fixture(autouse=True, scope="module")
def _quick_keys():
    """Make up SSH keys, no two the same: a real one takes as long as several tests."""
    numbers = count()

    def key():
        return base64.b64encode(b"a made-up key, number %d" % next(numbers)).decode()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sshkey, "_private_key", key)
        yield

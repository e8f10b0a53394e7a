"""What an API server admits is asked of the newest and of the oldest Kubernetes that we support."""

import pytest


@pytest.fixture(scope="session", params=["newest", "oldest"])
def cluster(request, cluster):
    return cluster if request.param == "newest" else request.getfixturevalue("oldest")

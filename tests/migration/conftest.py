"""What migrates a NIMService of NVIDIA's operator."""

import pytest

from tests.migration.operated import migrated


@pytest.fixture
def found():
    return migrated()

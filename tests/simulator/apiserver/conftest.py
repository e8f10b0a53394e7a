"""An empty server that knows Widgets."""

import pytest

from nimservice_simulator.apiserver.server import ApiServer
from tests.simulator.lab import WIDGETS


@pytest.fixture
def server() -> ApiServer:
    return ApiServer(crds=[WIDGETS])

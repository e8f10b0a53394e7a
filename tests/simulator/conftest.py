"""Both engines, for tests that hold on either."""

import pytest

from nimservice_simulator.metacontroller.children import ENGINES, Engine


@pytest.fixture(params=ENGINES)
def engine(request: pytest.FixtureRequest) -> Engine:
    found: Engine = request.param
    return found

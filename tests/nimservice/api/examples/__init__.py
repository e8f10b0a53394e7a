"""Examples of NIMServices that the API server admits or refuses, and of changes, by what they are
about."""

from tests.nimservice.api.examples import devices, expose, storage

REFUSED = {**storage.REFUSED, **expose.REFUSED, **devices.REFUSED}
ADMITTED = {**storage.ADMITTED, **expose.ADMITTED, **devices.ADMITTED}
FIXED = {**storage.FIXED, **devices.FIXED}
CHANGED = {**storage.CHANGED, **devices.CHANGED}

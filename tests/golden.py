"""Golden: the cases of ``tests/cases``, each with the settings and the time that it is answered at.

A case is a folder ``tests/cases/<resource>/<hook>/<name>/`` with ``request.json``,
``response.json`` and, where the installation is a special one, ``settings.json``.
"""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hooks.resources import Settings

CASES = Path(__file__).with_name("cases")
FOLDERS = sorted(path.parent for path in CASES.glob("*/*/*/request.json"))
STAMP = re.compile(r'"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)Z"')


def request_of(folder):
    return json.loads((folder / "request.json").read_text())


def settings_of(folder):
    given = folder / "settings.json"
    return Settings(**json.loads(given.read_text())) if given.exists() else Settings()


def now(request):
    """Return the time of a case: a minute after the last thing that happened in it."""
    times = [
        datetime.fromisoformat(text).replace(tzinfo=UTC)
        for text in STAMP.findall(json.dumps(request))
    ]
    return max(times) + timedelta(minutes=1)

"""Document: an object of JSON as plain data, for whatever it describes."""

from typing import Any

JSON = dict[str, Any]

"""Rights: the rules of ClusterRoles one by one, to compare them with what is needed."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple


class Right(NamedTuple):
    """One verb on one resource, ``nimservices/status`` where it is a part of one; of one object
    where it has a name."""

    group: str
    resource: str
    verb: str
    name: str = ""


def rights_of(role: dict[str, Any]) -> Iterator[Right]:
    """Yield every right that a Role or ClusterRole gives."""
    for rule in role.get("rules") or []:
        for group in rule["apiGroups"]:
            for resource in rule["resources"]:
                for verb in rule["verbs"]:
                    for name in rule.get("resourceNames") or [""]:
                        yield Right(group, resource, verb, name)


def rules_of(rights: Iterable[Right]) -> list[dict[str, Any]]:
    """Return rules that give rights, one each."""
    return [
        {"apiGroups": [right.group], "resources": [right.resource], "verbs": [right.verb]}
        | ({"resourceNames": [right.name]} if right.name else {})
        for right in sorted(rights)
    ]

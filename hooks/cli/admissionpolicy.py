"""Admission policy: whether a cluster keeps Metacontroller from objects that are no children."""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from hooks.cluster.api import Forbidden, NotFound, Object
from hooks.cluster.server import KubeServer

NAME = "nimservice-metacontroller"
_GROUP = "/apis/admissionregistration.k8s.io/v1"
_RISK = "so Metacontroller may change or delete objects that are no children"
_APPLY = "apply metacontroller/base"


class Fault(NamedTuple):
    """What is wrong, with its remedy."""

    subject: str
    message: str
    remedy: str


def faults(server: KubeServer, accounts: Iterable[str]) -> Iterator[Fault]:
    """Yield what is wrong with the policy of ``base`` and its binding.

    Args:
        server: the cluster; who may not read policies learns nothing.
        accounts: the users that Metacontroller is, ``system:serviceaccount:NAMESPACE:NAME``.
    """
    try:
        policy = _found(server, "validatingadmissionpolicies")
        binding = _found(server, "validatingadmissionpolicybindings")
    except Forbidden:
        return
    subject = f"ValidatingAdmissionPolicy {NAME}"
    if policy is None:
        yield Fault(subject, f"does not exist, {_RISK}", _APPLY)
        return
    yield from _of_binding(binding)
    if policy["spec"].get("failurePolicy", "Fail") != "Fail":
        yield Fault(subject, "has not the failurePolicy Fail", _APPLY)
    conditions = str(policy["spec"].get("matchConditions") or "")
    for account in sorted({*accounts}):
        if conditions and account not in conditions:
            yield Fault(
                subject,
                f"does not ask about {account}, as which Metacontroller runs here",
                "name it in its matchConditions, as metacontroller/README.md shows",
            )


def _of_binding(binding: Object | None) -> Iterator[Fault]:
    subject = f"ValidatingAdmissionPolicyBinding {NAME}"
    if binding is None:
        yield Fault(subject, f"does not exist, {_RISK}", _APPLY)
    elif binding["spec"].get("policyName") != NAME:
        yield Fault(subject, f"binds another policy, {_RISK}", _APPLY)
    elif "Deny" not in (binding["spec"].get("validationActions") or ()):
        yield Fault(subject, f"does not deny, {_RISK}", "set validationActions to [Deny]")


def _found(server: KubeServer, plural: str) -> Object | None:
    try:
        found: Object = server.connection.request("GET", f"{_GROUP}/{plural}/{NAME}")
    except NotFound:
        return None
    return found

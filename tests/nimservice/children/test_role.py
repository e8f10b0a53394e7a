"""Role and RoleBinding: on OpenShift, the right to use SecurityContextConstraints."""

import pytest

from hooks.nimservice.children import role
from hooks.nimservice.children.template import security
from hooks.resources import Settings
from tests.situations import nimservice as situation
from tests.situations import stored


def roles(**spec):
    return stored.built(role, situation.context(settings=Settings(openshift=True), **spec))


def test_elsewhere_there_are_none():
    """Nobody needs a right to hand out rights. I-43: the reference guesses by labels of the
    nodes."""
    assert not stored.built(role, situation.context())


def test_the_pods_service_account_may_use_the_constraints_and_nothing_else():
    made, binding = roles()
    assert made["rules"] == [
        {
            "apiGroups": ["security.openshift.io"],
            "resources": ["securitycontextconstraints"],
            "resourceNames": ["nonroot"],
            "verbs": ["use"],
        }
    ]
    assert binding["roleRef"] == {
        "apiGroup": "rbac.authorization.k8s.io",
        "kind": "Role",
        "name": made["metadata"]["name"],
    }
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": "llama", "namespace": "nim"}]


@pytest.mark.parametrize(
    "spec",
    [
        {},
        {"proxy": {"httpProxy": "http://proxy"}},
        {"proxy": {"certConfigMap": "ca"}},
        {"storage": {"hostPath": "/models"}},
        {"userID": 0},
    ],
    ids=["plain", "a proxy", "certificates", "a host path", "root"],
)
def test_the_role_allows_what_the_annotation_asks_for(spec):
    """Q26, I-36: the reference grants ``anyuid`` for any proxy, and asks for it with certificates
    only."""
    allowed = "nonroot,anyuid,hostmount-anyuid"
    settings = Settings(openshift=True, openshift_constraints=allowed)
    ctx = situation.context(settings=settings, **spec)
    made, _ = stored.built(role, ctx)
    assert made["rules"][0]["resourceNames"] == list(security.annotations(ctx).values())

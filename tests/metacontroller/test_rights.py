"""The rights of Metacontroller: what the code makes and asks for, and not one more."""

import pytest

from hooks.nimcache import kinds as nimcache
from hooks.nimservice import kinds
from hooks.nimservice.children.endpointpicker import access
from hooks.resources import Settings
from tests.metacontroller.installed import INSTALLED
from tests.metacontroller.rights import Right, rights_of

COMPONENTS = sorted(
    {
        name
        for resource in INSTALLED
        for kind in (resource.kind, *resource.context.CHILDREN)
        for name in kind.components
    }
    - {"base"}
    | {"gpu-discovery", "openshift-anyuid", "openshift-hostmount"}
)
CHILD = ("get", "list", "watch", "create", "update", "patch", "delete")
ASKED_FOR = {
    "base": (kinds.NIM_CACHE, kinds.POD),
    "dra": (kinds.RESOURCE_CLAIM,),
    "gpu-discovery": (nimcache.NODE,),
    "nimcache": (nimcache.POD, nimcache.NIM_SERVICE),
}
ITSELF = {
    *(Right("metacontroller.k8s.io", "compositecontrollers", verb) for verb in ("list", "watch")),
    *(Right("metacontroller.k8s.io", "decoratorcontrollers", verb) for verb in ("list", "watch")),
    *(Right("metacontroller.k8s.io", "controllerrevisions", verb) for verb in ("list", "watch")),
    *(
        Right("apiextensions.k8s.io", "customresourcedefinitions", verb)
        for verb in ("list", "watch")
    ),
    *(Right("", "namespaces", verb) for verb in ("list", "watch")),
    *(Right("", "events", verb) for verb in ("create", "patch")),
}
CONSTRAINTS = {
    "openshift": {"nonroot"},
    "openshift-anyuid": {"anyuid"},
    "openshift-hostmount": {"anyuid", "hostmount-anyuid"},
}
"""What each component adds."""
HANDED_OUT = {
    "inference": {*rights_of({"rules": [*access.RULES, *access.ELECTION_RULES]})},
    **{
        component: {
            Right("security.openshift.io", "securitycontextconstraints", "use", name)
            for name in names
        }
        for component, names in CONSTRAINTS.items()
    },
}


def of(kind, verbs):
    return {Right(kind.api_version.rpartition("/")[0], kind.plural, verb) for verb in verbs}


def parents(resource):
    """Return what Metacontroller needs for the parents of a resource; a finalizer is an update."""
    read = ("get", "list", "watch")
    group, plural = resource.kind.api_version.partition("/")[0], resource.kind.plural
    return {
        *of(resource.kind, (*read, "update") if "finalize" in resource.hooks else read),
        Right(group, f"{plural}/status", "update"),
        Right(group, f"{plural}/finalizers", "update"),
    }


def needed(*components):
    """Return what Metacontroller needs where base and these components are installed."""
    parts = {"base", *components}
    installed = [each for each in INSTALLED if parts & {*each.kind.components}]
    children = [
        of(kind, CHILD)
        for each in installed
        for kind in each.context.CHILDREN
        if parts & {*kind.components}
    ]
    children += [parents(each) for each in installed]
    related = [of(kind, ("list", "watch")) for part in parts for kind in ASKED_FOR.get(part, ())]
    return ITSELF.union(*children, *related, *(HANDED_OUT.get(part, set()) for part in parts))


def given(build):
    """Return what the installation gives it: the rights of its one ClusterRole."""
    return {*rights_of(build.one("ClusterRole"))}


def test_nothing_adds_roles_up(everything):
    """Kubernetes can make a ClusterRole that adds up others again while it is deleted, and `helm
    uninstall --wait` waited for its end in vain."""
    assert "aggregationRule" not in everything.one("ClusterRole")


def test_base_gives_what_it_needs_itself(base):
    assert given(base) == needed()


@pytest.mark.parametrize("component", COMPONENTS)
def test_each_component_adds_what_it_needs_itself(overlay, component):
    build = overlay(
        f"resources: [../metacontroller/base]\ncomponents: [../metacontroller/components/{component}]"
    )
    assert given(build) == needed(component)


def test_all_components_together_give_what_they_need(everything):
    assert given(everything) == needed(*(each for each in COMPONENTS if "openshift-" not in each))


@pytest.mark.parametrize("component", CONSTRAINTS)
def test_the_rights_to_use_constraints_are_those_that_the_setting_allows(overlay, component):
    parts = dict.fromkeys(("openshift", component))
    lines = (f"- ../metacontroller/components/{part}" for part in parts)
    build = overlay("\n".join(("resources: [../metacontroller/base]", "components:", *lines)))
    settings = Settings.from_environment(build.one("ConfigMap")["data"])
    used = {right.name for right in given(build) if right.resource == "securitycontextconstraints"}
    assert (
        {*settings.openshift_constraints.split(",")} == used == {"nonroot"} | CONSTRAINTS[component]
    )


def test_no_role_has_a_wildcard_or_hands_out_what_it_lacks(everything):
    for right in given(everything):
        assert "*" not in right
        assert right.verb not in ("escalate", "bind", "impersonate")

"""Plan: what becomes of each child, whose pods restart, and in which steps."""

from hooks.kernel import lastapplied
from hooks.migration import back, operator, plan
from tests.migration.operated import UID, everything, migrated, nimservice, patches


def steps(found):
    return {step.kind: step for step in found.steps}


def test_each_child_has_its_fate(found):
    assert {kind: step.action for kind, step in steps(found).items()} == {
        "ServiceAccount": "update",
        "Role": "leave",
        "Service": "update",
        "PersistentVolumeClaim": "keep",
        "Deployment": "update",
    }
    assert steps(migrated(without=[]))["Role"].action == "delete"
    assert steps(migrated(everything()[:-1]))["Deployment"].action == "create"


def test_whose_pods_restart_and_why(found):
    assert [kind for kind, step in steps(found).items() if step.restarts] == ["Deployment"]
    reasons = steps(found)["Deployment"].restarts
    assert "container llama-ctr securityContext added" in reasons
    assert "container llama-ctr variable HTTP_PROXY removed" in reasons
    assert "annotation openshift.io/required-scc removed" in reasons
    assert "label app.kubernetes.io/operator-version removed" in reasons


def test_every_child_is_labelled_and_what_is_never_rewritten_gets_nothing_else(found):
    labelled = {
        kind: patch["metadata"]["labels"]
        for kind, patch in patches(found).items()
        if kind != "NIMService"
    }
    assert labelled == {kind: {lastapplied.OWNER_LABEL: UID} for kind in steps(found)}
    assert patches(found)["PersistentVolumeClaim"] == {
        "metadata": {"labels": {lastapplied.OWNER_LABEL: UID}}
    }


def test_only_the_operators_finalizer_goes_and_it_goes_last(found):
    assert found.writes[-1].patch == {"metadata": {"finalizers": ["a.b/c"]}}


def test_a_pause_is_written_where_pods_would_restart_and_nowhere_else():
    found = migrated(pause=True)
    assert [kind for kind, patch in patches(found).items() if "spec" in patch] == ["Deployment"]
    assert steps(found)["Deployment"].waits


def test_once_it_is_written_nothing_is_left_to_do(found):
    after = [plan.merged(each, patches(found).get(each["kind"], {})) for each in everything()]
    assert operator.nimservices(everything()) == [nimservice()]
    assert operator.nimservices(after) == []
    assert migrated(after).writes == ()


def test_one_that_is_being_deleted_is_left_to_whoever_deletes_it():
    objects = everything()
    objects[0]["metadata"]["deletionTimestamp"] = "2026-03-01T00:00:00Z"
    assert migrated(objects).writes == ()
    assert "being deleted" in migrated(objects).remark
    assert back.of(objects[0], objects)[0] == []


def test_a_spec_that_the_hooks_refuse_is_named_and_its_pods_run_on():
    objects = everything()
    objects[0] = nimservice(image={"repository": "nim"})
    found = migrated(objects)
    assert "spec.image.tag" in found.remark
    assert not any(step.restarts for step in found.steps)


def test_the_service_of_a_running_model_stays_whatever_name_is_given():
    """The plan was to delete it: no client reached the model any more."""
    objects = everything()
    objects[0] = nimservice(expose={"service": {"port": 8000, "name": "front"}})
    found = [(step.action, step.name) for step in migrated(objects).steps if step.kind == "Service"]
    assert found == [("update", "llama"), ("create", "front")]


def test_one_that_metacontroller_has_let_go_is_still_recognised():
    objects = everything()
    for each in objects[1:]:
        each["metadata"]["ownerReferences"] = []
    assert {step.action for step in migrated(objects).steps} == {"update", "keep", "leave"}
    assert operator.nimservices(objects) == objects[:1]

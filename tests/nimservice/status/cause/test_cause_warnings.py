"""Cause: what does not work although the model may be up, told under ``Degraded``."""

from hooks.nimservice.status import cause
from tests.nimservice.status.cause.warned import GATEWAY, condition, route, warnings
from tests.situations import nimservice as situation
from tests.situations import pods, stored

PICKER = {
    "apiVersion": "apps/v1",
    "kind": "Deployment",
    "metadata": {"name": "llama-epp", "namespace": "nim"},
    "spec": {},
}


def test_an_endpoint_picker_in_trouble_is_told_and_does_not_make_the_model_unready() -> None:
    picker = pods.pod(
        pods.crashing(1, name="epp"), name="llama-epp-5d-x", labels={"app": "llama-epp"}
    )
    ctx = pods.context(
        picker, pods.pod(pods.serving()), observed=[PICKER], **situation.rolled_out()
    )
    assert cause.worst(ctx) is None
    (found,) = cause.warnings(ctx)
    assert found.reason == "CrashLoopBackOff"
    assert found.message.startswith(
        "The endpoint picker does not work. Container epp ended with exit code 1 after 4 restarts in pod llama-epp-5d-x"
    )


def test_an_endpoint_picker_that_starts_is_no_trouble() -> None:
    picker = pods.pod(pods.running(name="epp"), name="llama-epp-5d-x", labels={"app": "llama-epp"})
    ctx = pods.context(picker, observed=[PICKER], **situation.rolled_out())
    assert list(cause.warnings(ctx)) == []


def test_the_last_pods_of_an_endpoint_picker_that_is_gone_are_no_trouble() -> None:
    picker = pods.pod(
        pods.crashing(1, name="epp"), name="llama-epp-5d-x", labels={"app": "llama-epp"}
    )
    assert list(cause.warnings(pods.context(picker, **situation.rolled_out()))) == []


def test_of_what_is_being_deleted_nothing_has_to_work() -> None:
    nim = situation.nimservice(expose=GATEWAY, deleted=stored.NOW)
    assert warnings(route(condition("Accepted", "False", "NotAllowedByListeners")), nim=nim) == []

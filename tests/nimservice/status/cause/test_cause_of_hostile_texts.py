"""Cause: whatever others write, the message is one short line without secrets, and nothing
breaks."""

import time
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hooks.kernel import condition
from hooks.kernel.document import JSON
from hooks.nimservice.status import cause
from hooks.nimservice.status.verdict import Verdict
from tests.situations import pods, stored

LONG = "x" * 100_000
CONTROLS = "a\x00b\x1b[31mred\x1b[0m\r\nc\u202ed\u2028e\ud7ff\x7f"


def message(*each: JSON, **workload: Any) -> str:
    found = cause.worst(pods.context(*each, **workload))
    assert found is not None
    return found.text


def everywhere(text: str) -> list[JSON]:
    """Return pods that carry a text wherever somebody else may write one."""
    image = {
        "containers": [{"name": pods.CONTAINER, "image": text}],
        "imagePullSecrets": [{"name": text}],
    }
    return [
        pods.pod(pods.waiting("ErrImagePull", text), spec=image),
        pods.pod(pods.waiting("InvalidImageName", text), spec=image),
        pods.pod(pods.waiting("CreateContainerConfigError", text)),
        pods.pod(pods.waiting("CreateContainerConfigError", f'secret "{text}" not found')),
        pods.pod(pods.waiting("RunContainerError", text)),
        pods.pod(pods.waiting(text or "Other", text)),
        pods.pod(pods.crashing(1, text, text)),
        pods.pod(pods.crashing(1, message=text, name=text)),
        pods.pod(pods.container({"running": {"startedAt": text}})),
        pods.pod(
            pods.waiting("ContainerCreating"),
            spec={"volumes": [{"persistentVolumeClaim": {"claimName": text}}], "nodeName": text},
        ),
        pods.pod(scheduled=pods.unscheduled(text)),
        pods.pod(scheduled=pods.unscheduled(f'persistentvolumeclaim "{text}" not found')),
        pods.pod(scheduled=pods.unscheduled(f"0/8 nodes are available: 8 Insufficient {text}.")),
        pods.pod(
            scheduled=pods.unscheduled("", "SchedulingGated"),
            spec={"schedulingGates": [{"name": text}]},
        ),
        pods.pod(phase="Failed", reason="Evicted", message=text),
        pods.pod(phase="Failed", reason=text, message=text),
        pods.pod(
            pods.serving(),
            conditions={"Ready": "False"},
            spec={"readinessGates": [{"conditionType": text}]},
        ),
        pods.pod(
            pods.serving(), metadata={"deletionTimestamp": stored.EARLIER, "finalizers": [text]}
        ),
        pods.pod(pods.crashing(1), name=text or "a"),
        pods.pod(pods.crashing(1), labels={"leaderworkerset.sigs.k8s.io/group-index": text}),
    ]


@pytest.mark.parametrize(
    "text",
    [
        LONG,
        CONTROLS,
        "é\n" * 50_000,
        '"' * 5_000,
        "a b" * 5_000,
        "://:@" * 2_000,
        "token: 1" * 2_000,
        "",
    ],
)
def test_every_message_is_one_line_of_at_most_a_kilobyte(text: str) -> None:
    for pod in everywhere(text):
        said = message(pod)
        assert said.isprintable()
        assert len(said.encode()) <= 900
        assert "\x1b" not in said


def test_the_condition_stays_within_a_kilobyte_whatever_comes_before_the_cause() -> None:
    said = message(pods.pod(pods.crashing(1, message=LONG)))
    verdict = Verdict("Failed", "ProgressDeadlineExceeded", f"{'é' * 400}\n: {said}", "Stalled")
    for each in condition.conditions(verdict, (), {}, 1, stored.NOW):
        assert len(each["message"].encode()) <= 1024
        assert each["message"].isprintable()


def test_of_a_long_message_the_remedy_is_kept() -> None:
    assert message(pods.pod(pods.waiting("ErrImagePull", f"unauthorized {LONG}"))).endswith(
        "has a valid key for nvcr.io"
    )
    assert message(pods.pod(pods.crashing(1, message=LONG))).endswith("--previous")


STARTS = (
    'Back-off pulling image "',
    "Insufficient ",
    "0/1 nodes are available: ",
    "couldn't find key a in Secret b/",
    "bearer a",
    "https://a?",
    "key=",
    "token: ",
    "a://b:c",
    "nvapi-",
    'persistentvolumeclaim "',
    "\x1b[1",
    'secret "',
    "preemption:",
)
HEAVY = [
    LONG,
    "\n" * 100_000,
    " \t" * 50_000,
    "a b" * 50_000,
    '"' * 100_000,
    *(start * 5_000 for start in STARTS),
]
"""Texts at which a careless search takes minutes."""


def test_an_object_that_says_too_much_costs_no_time() -> None:
    contexts = [pods.context(pod) for text in HEAVY for pod in everywhere(text)]
    began = time.process_time()
    for ctx in contexts:
        cause.worst(ctx)
    spent = (time.process_time() - began) / len(contexts)
    assert spent < 0.05  # seconds: ten times what it takes on a slow machine


SECRETS = [
    "nvapi-AbCdEf0123456789-xyz",
    "hf_AbCdEfGhIjKlMnOp",
    "ghp_0123456789abcdefABCDEF",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc123",
]


@pytest.mark.parametrize("secret", SECRETS)
def test_what_looks_like_a_key_is_hidden(secret: str) -> None:
    said = message(pods.pod(pods.crashing(1, message=f"cannot log in with {secret}: rejected")))
    assert secret not in said
    assert "cannot log in with [hidden]: rejected" in said


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("NGC_API_KEY=hunter2", "NGC_API_KEY=[hidden]"),
        ('{"password": "hunter2x"}', '{"password": "[hidden]"}'),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer [hidden]"),
        (
            "proxy http://user:hunter2@proxy:3128 refused",
            "proxy http://[hidden]@proxy:3128 refused",
        ),
        ("GET https://s3/model?X-Amz-Signature=abc123: 403", "GET https://s3/model: 403"),
        (
            "failed to fetch anonymous token: unexpected status: 401",
            "failed to fetch anonymous token: unexpected status: 401",
        ),
    ],
)
def test_values_of_keys_and_passwords_are_hidden(said: str, shown: str) -> None:
    assert shown in message(pods.pod(pods.crashing(1, message=said)))


def test_the_value_of_a_variable_is_never_shown() -> None:
    env = [
        {"name": "DB_PASSWORD", "value": "correct horse"},
        {"name": "HTTPS_PROXY", "value": "proxy.corp:3128"},
        {"name": "MODE", "value": "fast"},
    ]
    spec = {"containers": [{"name": pods.CONTAINER, "image": pods.IMAGE, "env": env}]}
    said = message(
        pods.pod(
            pods.crashing(1, message="login correct horse via proxy.corp:3128 in mode fast failed"),
            spec=spec,
        )
    )
    assert "login [hidden] via [hidden] in mode fast failed" in said


anything = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Return the way to everything inside a value."""
    items = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    return [path, *(way for key, item in items for way in paths(item, (*path, key)))]


@settings(deadline=None)  # building the context takes longer than what is tested
@given(st.data())
def test_a_shape_that_nobody_expects_breaks_nothing(data: st.DataObject) -> None:
    pod = data.draw(st.sampled_from(everywhere("text")))
    for _ in range(data.draw(st.integers(1, 3))):
        *way, last = data.draw(
            st.sampled_from(
                [
                    path
                    for path in paths(pod)
                    if path and path not in (("metadata",), ("kind",), ("apiVersion",))
                ]
            )
        )
        target = pod
        for key in way:
            target = target[key]
        target[last] = data.draw(anything)
    pod["metadata"]["namespace"], pod["metadata"]["name"] = stored.NAMESPACE, "llama-x"
    ctx = pods.context(pod)
    cause.worst(ctx)
    list(cause.warnings(ctx))

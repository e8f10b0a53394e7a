"""What is said of services of a pipeline that are off, or that call nobody."""

import pytest

from hooks.cli import calls
from tests.cli.test_validate import calling, pipeline, service

CALLS = {
    "itself": (
        [service("llm", calling("llm"))],
        "[0].dependencies[0].name: is llm itself; name the service that it calls",
    ),
    "a service that is spelt otherwise": (
        [service("llm"), service("chat", calling("llmm"))],
        (
            "[1].dependencies[0].name: llmm is no service of this pipeline, so it must be a "
            "Service that exists; did you mean llm?"
        ),
    ),
    "a service of none": (
        [service("llm", calling("milvus"))],
        (
            "[0].dependencies[0].name: milvus is no service of this pipeline, so it must be a "
            "Service that exists; correct it, unless there is one"
        ),
    ),
    "without a variable": (
        [service("llm"), service("chat", {"name": "llm", "port": 8000})],
        "[1].dependencies[0].envName: is absent, so chat is not told where llm is",
    ),
    "by one variable for two": (
        [service("a"), service("b"), service("c", calling("a"), calling("b"))],
        "[2].dependencies[1].envName: is also that of dependencies[0], and this one wins",
    ),
    "a disabled one": (
        [service("a", enabled=False), service("b", calling("a"))],
        "[1].dependencies[0]: nobody answers there: a is not enabled; correct it, or set envValue",
    ),
    "a port that is none": (
        [service("a"), service("b", calling("a", port=9000))],
        "[1].dependencies[0]: nobody answers there: the Service of a has no port 9000",
    ),
    "nobody, and is off": (
        [service("a", enabled=None)],
        "[0].enabled: is absent, so the service is off; set it",
    ),
}


@pytest.mark.parametrize("case", CALLS)
def test_a_service_of_a_pipeline_that_calls_amiss_is_a_warning(case):
    services, words = CALLS[case]
    (problem,) = calls.advise(pipeline(*services))
    assert f"{problem.path}: {problem.text}".startswith(f"spec.services{words}")


def test_a_dependency_with_a_value_of_its_own_may_be_anywhere():
    elsewhere = calling("milvus", envValue="https://milvus.example.com")
    assert list(calls.advise(pipeline(service("llm", elsewhere)))) == []

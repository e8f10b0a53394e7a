"""Settings from the environment: what is taken, what is refused and how it is said."""

import dataclasses
import re

import pytest

from hooks.kernel import settings
from hooks.kernel.settings import SettingsError
from hooks.resources import Settings


def test_an_empty_environment_gives_the_defaults():
    assert Settings.from_environment({}) == Settings()


def test_variables_of_others_are_none_of_our_business():
    assert Settings.from_environment({"PATH": "/bin", "NIM_CACHE_PATH": "x"}) == Settings()


def test_every_setting_is_taken_from_its_variable():
    environ = {
        "NIM_HOOKS_OPENSHIFT": "true",
        "NIM_HOOKS_OPENSHIFT_CONSTRAINTS": "nonroot,anyuid",
        "NIM_HOOKS_KSERVE_DEPLOYMENT_MODE": "Knative",
        "NIM_HOOKS_POD_CAUSES": "false",
        "NIM_HOOKS_MODEL_LOOKUP": "0",
        "NIM_HOOKS_RESYNC_SECONDS": "7",
        "NIM_HOOKS_FINALIZE_GRACE_SECONDS": "0",
        "NIM_HOOKS_FIELD_MANAGER": "other",
        "NIM_HOOKS_MAX_BODY_BYTES": "1024",
        "NIM_HOOKS_TLS_CERT_FILE": "/tls/tls.crt",
        "NIM_HOOKS_TLS_KEY_FILE": "/tls/tls.key",
        "NIM_HOOKS_TOKEN_FILE": "/token/accepted",
        "NIM_HOOKS_LOG_LEVEL": "warning",
        "NIM_HOOKS_GPU_PRODUCTS": "NVIDIA-L40S,NVIDIA-L4",
        "NIM_HOOKS_GPU_DISCOVERY": "true",
        "NIM_HOOKS_PROBE_IMAGE": "busybox:1",
    }
    assert set(environ) == {described.variable for described in settings.describe(Settings)}
    assert Settings.from_environment(environ) == Settings(
        openshift=True,
        openshift_constraints="nonroot,anyuid",
        kserve_deployment_mode="Knative",
        pod_causes=False,
        model_lookup=False,
        resync_seconds=7,
        finalize_grace_seconds=0,
        field_manager="other",
        max_body_bytes=1024,
        tls_cert_file="/tls/tls.crt",
        tls_key_file="/tls/tls.key",
        token_file="/token/accepted",
        log_level="warning",
        gpu_products="NVIDIA-L40S,NVIDIA-L4",
        gpu_discovery=True,
        probe_image="busybox:1",
    )


@pytest.mark.parametrize("word", ["true", "True", "TRUE", "1"])
def test_a_switch_may_be_written_the_way_python_yaml_or_go_write_it(word):
    assert Settings.from_environment({"NIM_HOOKS_OPENSHIFT": word}).openshift is True


@pytest.mark.parametrize(
    ("variable", "text", "line"),
    [
        ("NIM_HOOKS_OPENSHIFT", "", "must be true or false, not ''"),
        (
            "NIM_HOOKS_OPENSHIFT_CONSTRAINTS",
            "nonroot, privileged",
            (
                "must be any of nonroot, anyuid, hostmount-anyuid, separated by commas, "
                "not 'nonroot, privileged'"
            ),
        ),
        ("NIM_HOOKS_OPENSHIFT", "maybe", "must be true or false, not 'maybe'"),
        (
            "NIM_HOOKS_KSERVE_DEPLOYMENT_MODE",
            "standard",
            "must be one of Standard, Knative, RawDeployment, Serverless, not 'standard'",
        ),
        ("NIM_HOOKS_RESYNC_SECONDS", "0", "must be a whole number from 1 to 86400, not '0'"),
        ("NIM_HOOKS_RESYNC_SECONDS", "1.5", "must be a whole number from 1 to 86400, not '1.5'"),
        ("NIM_HOOKS_RESYNC_SECONDS", "²", "must be a whole number from 1 to 86400, not '²'"),
        (
            "NIM_HOOKS_FINALIZE_GRACE_SECONDS",
            "-1",
            "must be a whole number from 0 to 86400, not '-1'",
        ),
        (
            "NIM_HOOKS_MAX_BODY_BYTES",
            "8MiB",
            "must be a whole number from 1024 to 1073741824, not '8MiB'",
        ),
        (
            "NIM_HOOKS_FIELD_MANAGER",
            "two words",
            "must be 1 to 128 characters without spaces, not 'two words'",
        ),
        (
            "NIM_HOOKS_FIELD_MANAGER",
            "two\nlines",
            r"must be 1 to 128 characters without spaces, not 'two\nlines'",
        ),
        ("NIM_HOOKS_OPEN_SHIFT", "true", "unknown setting; did you mean NIM_HOOKS_OPENSHIFT?"),
    ],
)
def test_a_bad_variable_is_one_line_with_its_remedy(variable, text, line):
    """I-30: a variable that the reference's chart forgets is silently empty."""
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({variable: text})
    assert str(caught.value) == f"{variable}: {line}"


def test_an_unknown_setting_without_a_likeness_lists_what_is_known():
    with pytest.raises(
        SettingsError,
        match=r"NIM_HOOKS_ZZZ: unknown setting; known are NIM_HOOKS_RESYNC_SECONDS, .*MODEL_LOOKUP$",
    ):
        Settings.from_environment({"NIM_HOOKS_ZZZ": "1"})


def test_all_bad_variables_are_told_at_once():
    with pytest.raises(SettingsError) as caught:
        Settings.from_environment({"NIM_HOOKS_POD_CAUSES": "?", "NIM_HOOKS_MODEL_LOOKUP": "?"})
    assert [line.split(":")[0] for line in caught.value.problems] == [
        "NIM_HOOKS_MODEL_LOOKUP",
        "NIM_HOOKS_POD_CAUSES",
    ]


def test_every_setting_describes_itself_in_one_sentence():
    described = list(settings.describe(Settings))
    assert [item.variable for item in described] == [
        settings.variable(item.name) for item in dataclasses.fields(Settings)
    ]
    for item in described:
        assert re.fullmatch(r"[A-Z].+\.", item.meaning), item.variable


def test_every_default_is_a_value_that_the_variable_may_hold():
    assert (
        Settings.from_environment(
            {item.variable: item.default for item in settings.describe(Settings)}
        )
        == Settings()
    )

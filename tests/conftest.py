"""Options of the tests, and which of them are slow."""

import gc
from pathlib import Path

import pytest

from hooks.kernel import parsed

TESTS = Path(__file__).parent
SLOW = (
    "chart",
    "cli/test_admit.py",
    "cli/test_cli.py",
    "cli/test_parser_examples.py",
    "cli/test_simulate.py",
    "cli/test_terminal.py",
    "control_plane",
    "docs",
    "fields",
    "fuzz",
    "histories",
    "kernel/api/test_shape.py",
    "kernel/test_lastapplied_forged.py",
    "kernel/test_resource_odd_objects.py",
    "kernel/test_secret.py",
    "metacontroller",
    "neighbours/test_edits.py",
    "neighbours/test_kserve.py",
    "neighbours/test_neighbours.py",
    "migration/test_caches.py",
    "nimcache/profile/test_pattern.py",
    "nimcache/profile/test_selection.py",
    "nimcache/report/test_report.py",
    "nimcache/report/test_script.py",
    "nimcache/test_job_samples.py",
    "nimcache/test_life.py",
    "nimcache/test_life_claims.py",
    "nimcache/test_life_crowd.py",
    "nimcache/test_life_rights.py",
    "nimcache/test_life_samples.py",
    "nimcache/test_life_sharing.py",
    "nimcache/test_life_sources.py",
    "nimcache/test_life_users.py",
    "nimcache/test_validation_bad_input.py",
    "nimpipeline/test_resource_cases.py",
    "nimservice/status/cause/test_cause_of_hostile_texts.py",
    "nimservice/status/cause/test_podgroups_order.py",
    "nimservice/test_related_pods.py",
    "preview/test_image.py",
    "release",
    "releases",
    "simulator/apiserver/test_merge_properties.py",
    "test_bounds.py",
    "test_contracts.py",
    "test_determinism.py",
    "test_invariants.py",
    "test_published_samples.py",
    "test_rest.py",
    "web/answer/test_app_bugs.py",
    "web/answer/test_token.py",
    "web/connection/test_connection.py",
    "web/connection/test_tls.py",
    "web/test_server.py",
    "web/test_server_attacks.py",
)
"""The folders and files that ``make test-fast`` leaves out: they start programs, try a lot, or
measure time, which coverage and a neighbour on the core would falsify."""

_SLOW_PATHS = {TESTS / each for each in SLOW}


def pytest_addoption(parser):
    parser.addoption(
        "--regenerate",
        action="store_true",
        help="write the answers of tests/cases anew, to be read as a diff",
    )
    parser.addoption(
        "--part", choices=("fast", "slow"), help="run only the fast tests, or only the slow ones"
    )


def pytest_ignore_collect(collection_path, config):
    slow = any(path in _SLOW_PATHS for path in (collection_path, *collection_path.parents))
    part = config.getoption("--part")
    if part == "fast" and slow:
        return True
    if part == "slow" and not slow and collection_path.suffix == ".py":
        return True
    return None


def pytest_collection_finish():
    """Leave what was collected out of garbage collection.

    Thousands of tests and their parameters stay until the end. To look at them over and over took
    a fifth of the processor time.
    """
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True)
def _no_parsed_spec():
    """Parse anew in each test, so that one that replaces a check meets no result of another."""
    parsed._kept.cache_clear()

"""The acceptance cases of NIMCache and NIMPipeline by their numbers, and the tests that show each.

Those of ``tests/control_plane`` run on a real API server with kube-controller-manager, with both
engines; the others in the simulator.
"""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HERE, PLANE = "tests/nimcache", "tests/control_plane"
PIPES, ON_PLANE = "tests/nimpipeline", f"{PLANE}/test_pipelines.py"
ADMISSION = f"{PLANE}/admission"


def side_by_side(*names):
    return tuple(f"{PLANE}/test_caches.py::test_case[{name}]" for name in names)


CASES = {
    "1: every published sample reaches Ready, with the Job of NVIDIA's operator": (
        f"{HERE}/test_life_samples.py::test_a_sample_reaches_ready",
        f"{HERE}/test_job_samples.py::test_the_job_of_a_sample_is_the_references",
        f"{HERE}/job/test_download.py::test_a_source_is_downloaded_by_the_image_in_its_way",
    ),
    "2: manifests of every shape, at every path, of 57 to 196 profiles, beside a sidecar": (
        *side_by_side("every_shape", "molmim"),
        f"{HERE}/report/test_script.py::test_every_shell_and_awk_packs_every_shape",
        f"{HERE}/report/test_script.py::test_many_profiles_have_room",
        f"{HERE}/report/test_script.py::test_some_190_profiles_have_room_and_not_many_more",
        f"{HERE}/report/test_script.py::test_a_container_that_something_injects_leaves_room_for_fewer",
    ),
    "3: no tools, a message that is cut, no YAML, a bomb, aliases, expressions that take long": (
        *side_by_side("unread"),
        f"{HERE}/report/test_script.py::test_an_image_with_nothing_but_a_shell_still_tells_a_few",
        f"{HERE}/report/test_report.py::test_what_is_no_manifest_is_unreadable_and_says_why[a bomb]",
        f"{HERE}/report/test_report.py::test_what_is_no_manifest_is_unreadable_and_says_why[aliases]",
        f"{HERE}/test_validation_bad_input.py::test_an_expression_of_an_image_costs_no_time[an expression that backtracks]",
    ),
    "4: no manifest, and no shell as either runtime says so": (
        *side_by_side("native", "of_a_hub"),
        f"{HERE}/report/test_report.py::test_an_image_without_shell_may_wait_for_ever",
    ),
    "5: filters, 22 labels of GPUs, ids, a node selector, a setting, and no GPU known": (
        *side_by_side("filled", "nothing_fits"),
        f"{HERE}/profile/test_selection.py::test_what_is_chosen",
        f"{HERE}/profile/test_gpu.py::test_the_closest_tag_of_a_label",
        f"{HERE}/test_life_sources.py::test_a_node_selector_names_the_gpu",
        f"{HERE}/test_life_sources.py::test_nothing_known_of_the_gpus_and_several_fit_is_a_question",
    ),
    "6: why it does not go on, in the NIMCache and in a NIMService that waits for it": (
        *side_by_side("causes"),
        f"{HERE}/test_life_sources.py::test_a_quota_that_admits_no_pod_is_looked_for_in_events",
    ),
    "7: a download that fails for good does not flap, and starts anew, by hand at once": (
        *side_by_side("fails_for_good"),
        f"{HERE}/test_life.py::test_a_download_that_always_fails_says_why_and_does_not_flap",
        f"{HERE}/test_life.py::test_it_starts_anew_after_ten_minutes_without_a_second_probe",
        f"{HERE}/test_life.py::test_deleting_the_job_starts_it_at_once",
    ),
    "8: edits replace what waits, never what runs, and never make two pods": side_by_side(
        "edited", "edited_while_a_pod_ends"
    ),
    "9: a drained node uses up no attempt, and there are never two pods": (
        *side_by_side("drained"),
        f"{HERE}/test_life.py::test_a_drained_node_costs_no_attempt_and_there_are_never_two_pods",
    ),
    "10: Jobs, pods or the status taken away, hooks and Metacontroller restarted": (
        *side_by_side("taken_away", "restarted", "hooks_down"),
        f"{HERE}/test_life.py::test_hooks_that_were_away_for_hours_find_what_a_download_did",
    ),
    "11: ten minutes after Ready its Job is gone, and nothing is written": (
        *side_by_side("filled", "all_are_at_rest"),
        f"{HERE}/test_life.py::test_ten_minutes_later_its_jobs_are_gone_and_nothing_is_written",
    ),
    "12: a claim that is lost is filled again, with its profiles once": side_by_side("claim_lost"),
    "13: a claim of somebody else is used, never taken, and shared in turns": (
        *side_by_side("claims_of_others", "shared"),
        f"{HERE}/test_life_sharing.py::test_two_that_are_made_at_once_download_one_after_the_other",
    ),
    "14: an empty node selector, no access mode, no size, a name of 58 characters": (
        *side_by_side("little_said"),
        f"{HERE}/api/test_nimcache_rules.py::test_refused[a claim to create without a size]",
        f"{ADMISSION}/test_admission_of_caches.py::test_a_name_that_no_job_could_have_is_refused",
        f"{HERE}/test_validation_bad_input.py::test_a_name_too_long_for_its_jobs_is_refused_by_the_hooks_too",
    ),
    "15: a claim grows, where the StorageClass can expand, and does not shrink": (
        *side_by_side("grows"),
        f"{HERE}/api/test_nimcache_rules.py::test_what_is_downloaded_and_where_to_cannot_be_changed[a smaller claim]",
    ),
    "16: deletion in the background, the foreground, orphaned, in use, while it downloads, hooks down": (
        side_by_side(
            "deleted",
            "orphaned",
            "in_use",
            "in_use_and_deleted_in_the_foreground",
            "hooks_down",
        )
    ),
    "17: a namespace that is deleted while a download runs": side_by_side("the_namespace_goes"),
    "18: NIMCaches of NVIDIA's operator are taken over and given back, nothing downloaded again": (
        f"{HERE}/test_life_doubt.py::test_ready_of_the_reference_counts_and_gets_its_claim_noted",
        f"{PLANE}/test_migration_of_caches.py::test_a_ready_cache_stays_ready_with_its_claim",
        f"{PLANE}/test_migration_of_caches.py::test_a_running_download_goes_on_in_its_pod_and_keeps_its_tags",
        f"{PLANE}/test_migration_of_caches.py::test_a_failed_download_is_told_and_not_repeated_at_once",
        f"{PLANE}/test_migration_of_caches.py::test_on_the_way_back_the_operator_finds_what_it_looks_for",
    ),
    "19: a namespace that enforces restricted; certificates need root, and that is told": (
        *side_by_side("little_said", "certificates"),
        f"{ADMISSION}/test_admission_of_caches.py::test_a_namespace_that_enforces_restricted_admits_probe_and_download",
    ),
    "20: a crowd at once, at ten writes each, and nodes that report": (
        *side_by_side("filled"),
        f"{PLANE}/test_crowd.py::test_a_crowd_costs_ten_writes_each_and_then_none",
        f"{HERE}/test_life_crowd.py::test_a_crowd_is_filled_at_once_and_comes_to_rest",
        f"{HERE}/test_life_crowd.py::test_twenty_minutes_after_the_last_cache_is_ready_no_node_causes_a_sync",
    ),
    "21: NIMServices: applied in any order, held while a cache flaps, GPUs of a profile, native": (
        *side_by_side("in_use", "flapping", "native"),
        f"{HERE}/test_life_users.py::test_the_profile_that_a_nimservice_serves_from_a_cache_says_its_gpus",
    ),
    "22: the NIMServices of a pipeline are those applied directly; edits arrive, hand edits go": (
        f"{PIPES}/test_resource_cases.py::test_a_nimservice_in_a_pipeline_is_made_of_what_one_by_itself_is",
        f"{PIPES}/test_resource.py::test_a_dependency_that_is_added_changes_the_environment",
        f"{PIPES}/test_resource.py::test_replicas_that_the_pipeline_does_not_set_belong_to_whoever_sets_them",
        f"{ON_PLANE}::test_edits_reach_their_nimservice_and_hand_edits_are_put_back",
    ),
    "23: services disabled, enabled while they drain, removed and renamed; no enabled, no list": (
        f"{ON_PLANE}::test_services_are_disabled_enabled_again_renamed_and_taken_out",
        f"{PIPES}/test_resource.py::test_what_is_disabled_drains_and_goes_and_comes_back",
        f"{PIPES}/status/test_status.py::test_a_service_that_does_not_say_whether_it_is_enabled_is_told",
        f"{PIPES}/status/test_status.py::test_with_nothing_enabled_there_are_no_states",
    ),
    "24: a name taken by nobody's NIMService, by another pipeline's, by one that is ending": (
        f"{ON_PLANE}::test_a_nimservice_of_somebody_else_is_left_alone_until_it_is_handed_over",
        f"{ON_PLANE}::test_a_finalizer_of_others_on_one_that_is_ending_is_named",
        f"{PIPES}/status/test_verdict.py::test_one_that_is_still_ending_is_made_again_afterwards",
    ),
    "25: names twice and none, 15 and 16 services, fixed fields, rules that only the child has": (
        f"{ADMISSION}/test_admission_of_pipelines.py::test_names_are_required_and_occur_once",
        f"{ADMISSION}/test_admission_of_pipelines.py::test_one_service_more_would_cost_more_than_the_api_server_admits",
        f"{ADMISSION}/test_admission_of_pipelines.py::test_what_may_not_change_may_not_change_in_a_service_whatever_its_place",
        f"{ADMISSION}/test_admission_of_pipelines.py::test_what_the_hook_checks_is_admitted_in_a_pipeline_and_refused_in_a_nimservice",
        f"{PIPES}/api/test_nimpipeline_rules.py::test_fifteen_services_are_admitted_and_sixteen_are_not",
    ),
    "26: a child that is refused, one that has failed, and what the pipeline says of them": (
        f"{ON_PLANE}::test_an_edit_that_the_api_server_refuses_is_told_and_the_nimservice_runs_on",
        f"{PIPES}/test_validation.py::test_the_rules_that_the_pipelines_definition_leaves_out_are_looked_at_here",
        f"{PIPES}/test_resource.py::test_a_failing_service_tells_its_cause_in_the_pipeline",
    ),
    "27: deletion in the background, the foreground and orphaned; adopted, and given back": (
        f"{ON_PLANE}::test_it_goes_with_all_that_it_made",
        f"{ON_PLANE}::test_orphaned_its_nimservices_live_on_and_a_new_one_leaves_them_alone",
        "tests/migration/test_pipelines.py::test_metacontroller_adopts_them_and_edits_arrive",
        "tests/migration/test_pipelines.py::test_the_way_back_takes_label_and_record_off",
    ),
    "28: the oldest and the newest Kubernetes take the definitions": (
        f"{ADMISSION}/test_admission.py::test_a_second_apply_of_the_same_definitions_changes_nothing",
    ),
    "bad input: whatever stands in it ends nothing and is refused with its path, or told": (
        f"{HERE}/test_validation_bad_input.py::test_a_field_of_the_wrong_kind_is_refused_where_it_stands",
        f"{HERE}/test_validation_bad_input.py::test_without_admission_a_field_of_the_wrong_kind_ends_nothing",
        f"{HERE}/test_validation_bad_input.py::test_a_child_that_the_api_server_refuses_is_told_and_comes_once_it_is_admitted",
        f"{HERE}/test_validation_bad_input.py::test_a_job_of_somebody_else_is_left_alone_and_named",
        f"{HERE}/test_validation_bad_input.py::test_a_pod_of_somebody_else_with_our_labels_is_not_listened_to",
    ),
}
"""The tests by what they show."""

LAST = 28

NAMED = sorted({name for names in CASES.values() for name in names})


@cache
def written(path):
    """Return the names of a file's functions, and of the cases in it and in the examples beside
    it."""
    folder = (ROOT / path).parent
    examples = [*folder.glob("examples*.py"), *folder.glob("caches/*.py")]
    nodes = [
        node for file in (ROOT / path, *examples) for node in ast.walk(ast.parse(file.read_text()))
    ]
    functions = {node.name for node in nodes if isinstance(node, ast.FunctionDef)}
    texts = {
        node.value
        for node in nodes
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return functions, texts


def test_every_case_has_its_tests():
    numbers = [name.partition(":")[0] for name in CASES]
    assert numbers == [*map(str, range(1, LAST + 1)), "bad input"]
    assert all(CASES.values())


@pytest.mark.parametrize("name", NAMED)
def test_a_test_that_is_named_exists(name):
    path, test, example = re.fullmatch(r"(tests/[\w/]+\.py)::(test_\w+)(?:\[(.+)])?", name).groups()
    functions, texts = written(path)
    assert test in functions
    assert example is None or example in functions | texts


def test_no_case_on_the_real_api_server_is_forgotten():
    files = (ROOT / PLANE / "caches").glob("*.py")
    there = {
        node.name
        for file in files
        for node in ast.walk(ast.parse(file.read_text()))
        if isinstance(node, ast.FunctionDef)
        and any(isinstance(each, ast.Name) and each.id == "case" for each in node.decorator_list)
    }
    assert there
    assert {f"{PLANE}/test_caches.py::test_case[{name}]" for name in there} <= {*NAMED}

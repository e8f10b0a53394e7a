"""Back: what stands in the way back to NVIDIA's operator."""

from hooks.kernel import lastapplied
from hooks.migration import back, plan
from tests.migration.operated import UID, child, everything, patches


def test_back_again_names_what_the_operator_cannot_update(found):
    objects = [plan.merged(each, patches(found).get(each["kind"], {})) for each in everything()]
    objects[0]["metadata"]["finalizers"] = [
        "metacontroller.io/compositecontroller-nimservice",
        "a.b/c",
    ]
    pool = child("InferencePool", api_version="inference.networking.k8s.io/v1", annotations={})
    pool["metadata"]["labels"][lastapplied.OWNER_LABEL] = UID
    writes, remarks = back.of(objects[0], [*objects, pool])
    assert writes[-1].patch == {"metadata": {"finalizers": ["a.b/c"]}}
    assert len(remarks) == 1
    assert remarks[0].startswith("InferencePool/llama")


def test_back_again_names_a_deployment_that_is_still_paused(found):
    objects = [plan.merged(each, patches(found).get(each["kind"], {})) for each in everything()]
    objects[-1]["spec"]["paused"] = True
    _, remarks = back.of(objects[0], objects)
    (remark,) = remarks
    assert remark.startswith(
        "Deployment/llama is paused, so edits do not reach its pods; run kubectl"
    )


def test_back_again_names_the_fields_that_the_operator_ignores(found):
    objects = [plan.merged(each, patches(found).get(each["kind"], {})) for each in everything()]
    objects[0]["spec"] |= {"strategy": {"type": "Recreate"}, "volumes": [{"name": "a"}]}
    _, remarks = back.of(objects[0], objects)
    assert [remark.partition(": ")[0] for remark in remarks] == ["spec.strategy", "spec.volumes"]
    assert all("NVIDIA's operator ignores it" in remark for remark in remarks)


def test_back_again_names_a_budget_that_stays(found):
    objects = [plan.merged(each, patches(found).get(each["kind"], {})) for each in everything()]
    budget = child("PodDisruptionBudget", api_version="policy/v1")
    budget["metadata"]["labels"][lastapplied.OWNER_LABEL] = UID
    _, (remark,) = back.of(objects[0], [*objects, budget])
    assert remark.startswith("PodDisruptionBudget/llama: NVIDIA's operator does not know it")

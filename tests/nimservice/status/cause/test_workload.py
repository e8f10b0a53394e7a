"""Workload: what the Deployment, and KServe, know when pods do not."""

from typing import Any

import pytest

from hooks.kernel.document import JSON
from hooks.kernel.finding import Finding
from hooks.nimservice import kinds
from hooks.nimservice.status import cause
from tests.situations import nimservice as situation
from tests.situations import pods, stored


def refused(message: str) -> Finding:
    said = f'pods "llama-7d9f8c6b5-x2x4z" is forbidden: {message}'
    failure = {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": said,
    }
    found = cause.worst(pods.context(conditions=[failure], replicas=0, updatedReplicas=0))
    assert found is not None
    return found


def test_a_quota_is_named_with_its_figures() -> None:
    figures = "requested: requests.nvidia.com/gpu=8, used: requests.nvidia.com/gpu=8, limited: requests.nvidia.com/gpu=8"
    assert refused(f"exceeded quota: gpu-quota, {figures}") == Finding(
        "QuotaExceeded",
        "The API server refuses the pods of Deployment llama, over quota gpu-quota"
        f' ("exceeded quota: gpu-quota, {figures}")',
        "raise or free the quota, or request less in spec.resources",
    )


@pytest.mark.parametrize(
    ("said", "reason", "remedy"),
    [
        (
            'violates PodSecurity "restricted:latest": restricted volume types (volume "model-store" uses restricted volume type "hostPath")',
            "PodSecurityViolation",
            "use a namespace with another standard, or remove the quoted fields",
        ),
        (
            "unable to validate against any security context constraint: [provider restricted-v2: .spec.securityContext.fsGroup: Invalid value]",
            "PodSecurityViolation",
            "let the ServiceAccount use constraints that admit the pods",
        ),
        (
            "failed quota: compute: must specify limits.cpu,limits.memory",
            "QuotaExceeded",
            "give every container the amounts in resources, or have a LimitRange give defaults",
        ),
        (
            "failed quota: q: must specify limits.cpu for: log,llama-ctr; limits.memory for: log",
            "QuotaExceeded",
            "container llama-ctr, log the amounts in resources, or have a LimitRange give defaults",
        ),
        (
            "maximum memory usage per Container is 16Gi, but limit is 32Gi",
            "FailedCreate",
            "keep spec.resources within the namespace's LimitRange",
        ),
        (
            "no PriorityClass with name high was found",
            "FailedCreate",
            "correct spec.priorityClassName",
        ),
        (
            'pod rejected: RuntimeClass "nvidia" not found',
            "FailedCreate",
            "correct spec.runtimeClassName",
        ),
        (
            'error looking up service account nim/llama: serviceaccount "llama" not found',
            "FailedCreate",
            "check the ServiceAccount",
        ),
        ("something of tomorrow", "FailedCreate", "follow the quoted message"),
    ],
)
def test_who_refuses_the_pods_is_quoted(said: str, reason: str, remedy: str) -> None:
    found = refused(said)
    assert found.reason == reason
    assert f'("{said}")' in found.message
    assert found.remedy.endswith(remedy)


def test_a_webhook_that_denies_the_pods_is_quoted() -> None:
    said = 'admission webhook "validate.kyverno.svc-fail" denied the request: policy require-team: label team is required'
    failure = {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": said,
    }
    found = cause.worst(pods.context(conditions=[failure]))
    assert found is not None
    assert found.reason == "AdmissionDenied"
    assert "label team is required" in found.message


def test_new_pods_that_cannot_be_created_count_before_old_ones_that_crash() -> None:
    failure = {
        "type": "ReplicaFailure",
        "status": "True",
        "reason": "FailedCreate",
        "message": "exceeded quota: q, requested: pods=1",
    }
    rolling = situation.progressing(
        "ReplicaSetUpdated", message=f'ReplicaSet "llama-{pods.NEW}" is progressing.'
    )
    old = pods.pod(pods.crashing(1), name="llama-old", template=pods.OLD)
    found = cause.worst(pods.context(old, conditions=[rolling, failure]))
    assert found is not None
    assert found.reason == "QuotaExceeded"


def of_kserve(**status: Any) -> Finding | None:
    service = {
        "apiVersion": kinds.INFERENCE_SERVICE.api_version,
        "kind": "InferenceService",
        "metadata": {"name": "llama", "namespace": stored.NAMESPACE},
        "spec": {"predictor": {}},
    }
    return cause.worst(
        situation.context(
            [situation.applied(service, status=status)],
            nim=situation.nimservice(inferencePlatform="kserve"),
        )
    )


def unready(kind: str, reason: str, message: str) -> JSON:
    return {
        "type": kind,
        "status": "False",
        "reason": reason,
        "message": message,
        "severity": "Info",
    }


def test_kserve_is_quoted_on_its_predictor() -> None:
    said = 'Revision "llama-predictor-00001" failed with message: Unable to fetch image'
    found = of_kserve(
        conditions=[
            unready("PredictorReady", "RevisionFailed", said),
            unready("IngressReady", "Predictor not ready", ""),
        ]
    )
    assert found == Finding(
        "PredictorNotReady",
        f'The predictor of InferenceService llama is not ready ("RevisionFailed: {said}")',
        "see kubectl describe inferenceservice llama -n nim",
    )


def test_kserve_is_quoted_on_a_model_that_does_not_load() -> None:
    failure = {"reason": "ModelLoadFailed", "message": "no such profile", "exitCode": 1}
    found = of_kserve(
        modelStatus={"transitionStatus": "BlockedByFailedLoad", "lastFailureInfo": failure}
    )
    assert found == Finding(
        "PredictorNotReady",
        'InferenceService llama cannot load its model ("ModelLoadFailed: no such profile")',
        "follow the quoted message",
    )


def test_kserve_has_nothing_to_say_while_its_deployment_starts() -> None:
    said = "Deployment does not have minimum availability."
    assert (
        of_kserve(conditions=[unready("PredictorReady", "MinimumReplicasUnavailable", said)])
        is None
    )

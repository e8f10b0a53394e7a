"""InferencePool: the replicas that the endpoint picker chooses from."""

from hooks.nimservice import naming
from hooks.nimservice.children.endpointpicker import inferencepool
from tests.nimservice.children.endpointpicker.picked import expose
from tests.situations import nimservice as situation
from tests.situations import stored


def pool(*, service=(), spec=(), **picker):
    router = expose(**picker)["router"]
    return situation.only(
        inferencepool, expose={"router": router, "service": dict(service)}, **dict(spec)
    )


def test_absent_by_default():
    assert not stored.built(inferencepool, situation.context())


def test_absent_where_kserve_runs_the_model():
    assert not stored.built(
        inferencepool, situation.context(inferencePlatform="kserve", expose=expose())
    )


def test_it_has_the_replicas_and_asks_the_picker():
    assert pool(service={"port": 9000})["spec"] == {
        "selector": {"matchLabels": {"app": "llama"}},
        "targetPorts": [{"number": 9000}],
        "endpointPickerRef": {
            "group": "",
            "kind": "Service",
            "name": "llama-epp",
            "port": {"number": 9002},
            "failureMode": "FailClose",
        },
    }


def test_on_several_nodes_it_has_the_leaders():
    made = pool(spec={"multiNode": {"parallelism": {"pipeline": 2}}})
    assert made["spec"]["selector"]["matchLabels"] == {"app": "llama-lws", **naming.LEADER_ROLE}


def test_it_asks_on_the_port_that_the_picker_declares():
    """Q32, I-28: the reference asks on 9002 always."""
    assert pool(ports=[{"name": "grpc-ext-proc", "containerPort": 9102}])["spec"][
        "endpointPickerRef"
    ]["port"] == {"number": 9102}

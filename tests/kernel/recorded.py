"""Recorded: a Service as it was applied, and by whom."""

MANAGER = "metacontroller"
SERVICE = {
    "apiVersion": "v1",
    "kind": "Service",
    "metadata": {
        "name": "llama",
        "namespace": "nim",
        "labels": {"team": "nlp"},
        "annotations": {"note": "x"},
    },
    "spec": {
        "type": "ClusterIP",
        "selector": {"app": "llama"},
        "ports": [
            {"name": "api", "port": 8000, "targetPort": "api", "protocol": "TCP"},
            {"name": "grpc", "port": 9000, "targetPort": "grpc", "protocol": "TCP"},
        ],
    },
}

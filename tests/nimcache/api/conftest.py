"""A NIMCache for the tests of its API: a small one that is right, and the same with other
fields."""

import pytest


@pytest.fixture
def nimcache():
    """Return a function that makes a NIMCache out of fields of its spec."""

    def make(**spec):
        ngc = {
            "modelPuller": "nvcr.io/nim/meta/llama-3.1-8b-instruct:1.8.4",
            "authSecret": "ngc-api-secret",
        }
        return {
            "apiVersion": "apps.nvidia.com/v1alpha1",
            "kind": "NIMCache",
            "metadata": {"name": "llama-cache", "namespace": "models"},
            "spec": {"source": {"ngc": ngc}, "storage": {"pvc": {"create": True, "size": "50Gi"}}}
            | spec,
        }

    return make

"""Manifests for the tests of the API: a small one that is right, and the same with other fields."""

import pytest


@pytest.fixture
def nimservice():
    """Return a function that makes a NIMService out of fields of its spec; one that is None is left
    out."""

    def make(**spec):
        image = {"repository": "nvcr.io/nim/meta/llama-3.1-8b-instruct", "tag": "1.8.4"}
        fields = {
            "image": image,
            "authSecret": "ngc-api-secret",
            "storage": {"pvc": {"name": "models"}},
        } | spec
        return {
            "apiVersion": "apps.nvidia.com/v1alpha1",
            "kind": "NIMService",
            "metadata": {"name": "llama", "namespace": "models"},
            "spec": {name: value for name, value in fields.items() if value is not None},
        }

    return make

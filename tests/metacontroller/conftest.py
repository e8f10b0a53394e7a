"""Builds of the installation, as ``kubectl apply -k`` makes them."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

INSTALLATION = Path(__file__).parents[2] / "metacontroller"


class Build(list):
    """The objects of one build."""

    def one(self, kind):
        (found,) = [item for item in self if item["kind"] == kind]
        return found

    def kinds(self):
        return [item["kind"] for item in self]

    def controllers(self):
        """Return the CompositeControllers by their names."""
        return {
            item["metadata"]["name"]: item for item in self if item["kind"] == "CompositeController"
        }

    def child_resources(self, name="nimservice"):
        rules = self.controllers()[name]["spec"]["childResources"]
        return [rule["resource"] for rule in rules]


@pytest.fixture(scope="session")
def kustomize():
    """Return a function that builds a folder."""
    here = Path(sys.executable).with_name("kubectl")
    kubectl = str(here) if here.exists() else shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl: `make install` brings one")

    def build(folder):
        done = subprocess.run(
            [kubectl, "kustomize", folder], capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == 0, done.stderr
        return Build(yaml.load_all(done.stdout, Loader=yaml.CSafeLoader))

    return build


@pytest.fixture(scope="session")
def overlay(kustomize, tmp_path_factory):
    """Return a function that builds a kustomization which names the installation as
    ``../metacontroller``."""

    def build(text):
        folder = tmp_path_factory.mktemp("overlay")
        (folder / "kustomization.yaml").write_text(
            text.replace("../metacontroller", os.path.relpath(INSTALLATION, folder.resolve()))
        )
        return kustomize(folder)

    return build


@pytest.fixture(scope="session")
def base(kustomize):
    return kustomize(INSTALLATION / "base")


@pytest.fixture(scope="session")
def everything(kustomize):
    return kustomize(INSTALLATION / "overlays" / "all")

"""Pod spec: that of a template made for a NIMService."""

from hooks.kernel.manifest import without_none
from hooks.nimservice.children import template
from hooks.nimservice.modelstore import ModelStore
from tests.situations import nimservice as situation

STORE = ModelStore(claim="models")
ROLE = template.Role(container="llama-ctr")
IMAGE = {"repository": "busybox", "tag": "1.36"}


def spec(role=ROLE, store=STORE, settings=None, **asked):
    return without_none(template.spec(situation.context(settings=settings, **asked), store, role))


def server(**options):
    return spec(**options)["containers"][0]


def env(container):
    return {each["name"]: each.get("value") for each in container["env"]}


def helper(name, **more):
    return {"name": name, "image": {**IMAGE, **more.pop("image", {})}, **more}

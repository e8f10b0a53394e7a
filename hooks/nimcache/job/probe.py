"""Probe: the Job that reads the image's model manifest.

Each container writes one page of it into its termination message.
"""

from hooks.kernel.manifest import Manifest
from hooks.kernel.security import LAST_WORDS
from hooks.nimcache import kinds, naming
from hooks.nimcache.context import Context
from hooks.nimcache.job import template
from hooks.nimcache.report import script

_VOLUME = "manifest"
# Of its own, whatever the download asks for; limits, because a quota may ask for them.
_RESOURCES = {
    "requests": {"cpu": "10m", "memory": "32Mi"},
    "limits": {"cpu": "1", "memory": "256Mi"},
}


def made(ctx: Context) -> Manifest:
    """Return the Job that reads the image."""
    cache = ctx.cache
    job = {
        "apiVersion": kinds.JOB.api_version,
        "kind": kinds.JOB.kind,
        "metadata": naming.metadata(cache, naming.probe(cache)),
        "spec": {"backoffLimit": 2, "template": template.pod(ctx, "probe", _pod(ctx))},
    }
    return template.hashed(job)


def _pod(ctx: Context) -> Manifest:
    other = ctx.settings.probe_image
    pages = [_page(ctx, page) for page in range(1, script.PAGES + 1)]
    return {
        "initContainers": [*([_copy(ctx)] if other else []), *pages[:-1]],
        "containers": pages[-1:],
        "volumes": [{"name": _VOLUME, "emptyDir": {}}] if other else None,
    }


def _page(ctx: Context, page: int) -> Manifest:
    """Return the container that writes a page; the last one has the reference operator's name."""
    other = ctx.settings.probe_image
    name = naming.CONTAINER if page == script.PAGES else f"page-{page}"
    arguments = [str(page), script.MESSAGE]
    if other:
        return _container(ctx, name, other, script.SCRIPT, [*arguments, script.SHARED])
    image = template.puller(ctx.cache)
    return _container(ctx, name, image, script.SCRIPT, [*arguments, *script.PATHS])


def _copy(ctx: Context) -> Manifest:
    """Return the container that hands the manifest to an image with the tools to pack it."""
    image = template.puller(ctx.cache)
    return _container(ctx, "copy", image, script.COPY, [script.SHARED, *script.PATHS])


def _container(ctx: Context, name: str, image: str, program: str, arguments: list[str]) -> Manifest:
    return {
        "name": name,
        "image": image,
        "command": ["sh", "-c", program, "probe"],
        "args": arguments,
        "resources": {kind: dict(amounts) for kind, amounts in _RESOURCES.items()},
        "securityContext": template.confined(ctx),
        "terminationMessagePolicy": LAST_WORDS,
        "volumeMounts": [{"name": _VOLUME, "mountPath": "/manifest"}]
        if ctx.settings.probe_image
        else None,
    }

"""Download: the Job that fills the claim, by the image's own program."""

from hooks.kernel import proxy, security
from hooks.kernel.api.container import Container
from hooks.kernel.manifest import Manifest, env_var, merge_by_name, quantities
from hooks.nimcache import choice, inputs, kinds, naming
from hooks.nimcache.api.source import ALL, NGC, Repository
from hooks.nimcache.choice import Choice
from hooks.nimcache.context import Context
from hooks.nimcache.job import template

_STORE = "/model-store"
_VOLUME = "nim-cache-volume"
_ATTEMPTS = 5
"""Times that a download that fails is tried again."""


def made(ctx: Context, chosen: Choice) -> Manifest:
    """Return the Job that downloads what was chosen into the claim that is there now."""
    cache = ctx.cache
    annotations = {
        naming.INPUTS: inputs.of(ctx),
        naming.CHOSEN: choice.note(chosen),
        naming.CLAIM: ctx.claim_uid,
    }
    job = {
        "apiVersion": kinds.JOB.api_version,
        "kind": kinds.JOB.kind,
        "metadata": naming.metadata(
            cache,
            naming.download(cache),
            annotations=annotations,
            more_labels={naming.STORE: naming.store(cache)},
        ),
        "spec": {
            "backoffLimit": _ATTEMPTS,
            # Two pods on one claim would spoil each other's files: the next one waits until the
            # last has ended.
            "podReplacementPolicy": "Failed",
            # A drained node is no fault of the download's.
            "podFailurePolicy": {
                "rules": [
                    {
                        "action": "Ignore",
                        "onPodConditions": [{"type": "DisruptionTarget", "status": "True"}],
                    }
                ]
            },
            "template": template.pod(ctx, "download", _pod(ctx, chosen)),
        },
    }
    return template.hashed(job)


def _pod(ctx: Context, chosen: Choice) -> Manifest:
    cache = ctx.cache
    certificates = cache.spec.proxy.cert_config_map if cache.spec.proxy else None
    volumes: list[Manifest] = [
        {"name": _VOLUME, "persistentVolumeClaim": {"claimName": naming.claim(cache)}},
        {"name": "scratch", "emptyDir": {}},
    ]
    if certificates:
        volumes += [
            {"name": "ca-cert-volume", "emptyDir": {}},
            {"name": "custom-ca", "configMap": {"name": certificates}},
        ]
    return {
        "initContainers": [
            *_authority(ctx),
            *(_init(ctx, chosen, each) for each in template.init_containers(cache)),
        ],
        "containers": [_container(ctx, chosen)],
        "volumes": volumes,
    }


def _container(ctx: Context, chosen: Choice) -> Manifest:
    cache = ctx.cache
    given = cache.spec.source.given
    command, args = _command(ctx, chosen)
    trusted = [{"name": "ca-cert-volume", "mountPath": "/etc/ssl"}] if any(_authority(ctx)) else []
    return {
        "name": naming.CONTAINER,
        "image": template.puller(cache),
        "command": command,
        "args": args,
        "envFrom": [{"secretRef": {"name": given.auth_secret}}] if given else None,
        "env": _environment(ctx, chosen),
        "resources": _resources(ctx),
        "securityContext": template.confined(ctx),
        "terminationMessagePolicy": security.LAST_WORDS,
        "volumeMounts": [*_mounts(ctx, chosen), *trusted],
    }


def _command(ctx: Context, chosen: Choice) -> tuple[list[str] | None, list[str] | None]:
    """Return command and arguments; a native image downloads by its own entrypoint."""
    source = ctx.cache.spec.source
    if chosen.type == choice.NATIVE:
        return None, None
    if source.repository:
        namespace = (source.hf or source.data_store or source).model_dump()["namespace"]
        return _from_repository(source.repository, namespace, chosen), None
    return _from_catalogue(source.ngc or NGC(), chosen)


def _from_catalogue(ngc: NGC, chosen: Choice) -> tuple[list[str], list[str]]:
    if ngc.model_endpoint:
        args = ["--model-repo", ngc.model_endpoint, "--model-store", _STORE]
        return ["create-model-store"], args
    args = ["--all"] if ALL in chosen.names else ["--profiles", *chosen.names]
    return ["download-to-cache"], args


def _from_repository(repository: Repository, namespace: str, chosen: Choice) -> list[str]:
    name = f"{namespace}/{repository.model_name or repository.dataset_name}"
    revision = repository.revision
    if chosen.type == choice.MODEL_FREE:
        uri = f"hf://{name}" + (f":{revision}" if revision else "")
        manifest = f"{_STORE}/model_manifest.json"
        return ["download-to-cache", "--model-uri", uri, "--manifest-file", manifest]
    kind = "model" if repository.model_name else "dataset"
    return [
        *("huggingface-cli", "download", name, "--local-dir", _STORE, "--repo-type", kind),
        *(("--revision", revision) if revision else ()),
    ]


def _environment(ctx: Context, chosen: Choice) -> list[Manifest]:
    """Return the variables: the standard ones, the user's, and last those of the mounts.

    The mounts of a native image need their own variables, whatever the user sets.
    """
    spec = ctx.cache.spec
    standard: dict[str, str] = {}
    tied: dict[str, str] = {}
    if chosen.type == choice.NATIVE:
        tied = {
            "NIM_ENGINE_MODEL_DOWNLOAD_ONLY": "1",
            "NIM_ENGINE_MODEL_PATH": f"/model/{ctx.cache.name}",
        }
    else:
        standard["NIM_CACHE_PATH"] = _STORE
    if hub := spec.source.hf or spec.source.data_store:
        standard |= {
            "HF_ENDPOINT": hub.endpoint,
            "HF_HUB_OFFLINE": "0",
            "HF_HOME": f"{_STORE}/huggingface/hub",
        }
    return merge_by_name(
        [*_named(standard), *proxy.variables(spec.proxy)],
        (env_var(each) for each in spec.env),
        _named(tied),
    )


def _named(values: dict[str, str]) -> list[Manifest]:
    return [{"name": name, "value": value} for name, value in values.items()]


def _mounts(ctx: Context, chosen: Choice) -> list[Manifest]:
    sub_path = ctx.cache.spec.storage.pvc.sub_path or None
    paths = ("/model", "/opt/cache") if chosen.type == choice.NATIVE else (_STORE,)
    return [
        *({"name": _VOLUME, "mountPath": path, "subPath": sub_path} for path in paths),
        {"name": "scratch", "mountPath": "/scratch"},
    ]


def _resources(ctx: Context) -> Manifest | None:
    """Return the user's amounts, asked for and limited alike.

    0, which the reference operator writes for none, counts as none.
    """
    given = ctx.cache.spec.resources
    asked = {"cpu": given.cpu, "memory": given.memory} if given else {}
    amounts = {
        name: amount
        for name, amount in (
            quantities({k: v for k, v in asked.items() if v is not None}) or {}
        ).items()
        if amount != "0"
    }
    return {"limits": amounts, "requests": amounts.copy()} if amounts else None


def _init(ctx: Context, chosen: Choice, container: Container) -> Manifest:
    """Return a user's init container.

    It shares the download's variables and mounts, its own variables win.
    """
    return {
        "name": container.name,
        "image": container.image.reference,
        "imagePullPolicy": container.image.policy,
        "command": container.command,
        "args": container.args,
        "workingDir": container.working_dir or None,
        "env": merge_by_name(_environment(ctx, chosen), (env_var(each) for each in container.env)),
        "securityContext": template.confined(ctx),
        "terminationMessagePolicy": security.LAST_WORDS,
        "volumeMounts": _mounts(ctx, chosen),
    }


def _authority(ctx: Context) -> list[Manifest]:
    """Return the container that adds the user's certificates.

    It gets no credentials, and not the claim.
    """
    cache = ctx.cache
    if not (cache.spec.proxy and cache.spec.proxy.cert_config_map):
        return []
    made = security.certificates(template.puller(cache), None, openshift=ctx.settings.openshift)
    mounts = [
        {"name": "ca-cert-volume", "mountPath": "/ca-certs"},
        {"name": "custom-ca", "mountPath": "/custom"},
    ]
    return [{**made, "volumeMounts": mounts}]

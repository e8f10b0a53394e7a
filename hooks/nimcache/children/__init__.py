"""Children: the desired objects of a NIMCache.

Each kind has its own module. ``BUILDERS`` lists them.
"""

from collections.abc import Iterator

from hooks.kernel import builder, ownership
from hooks.kernel.builder import Builder
from hooks.kernel.finding import Finding
from hooks.kernel.manifest import Manifest
from hooks.kernel.plan import Plan
from hooks.nimcache import life, naming
from hooks.nimcache.children import persistentvolumeclaim, serviceaccount
from hooks.nimcache.context import Context
from hooks.nimcache.job import template


def _jobs(ctx: Context) -> Iterator[Manifest | Finding]:
    """Yield the Jobs that the step of the NIMCache desires."""
    yield from life.of(ctx).jobs


def _remarks(ctx: Context) -> Iterator[Manifest | Finding]:
    """Yield fields without effect, a remark on the choice, and why ``restricted`` refuses pods."""
    spec, chosen = ctx.cache.spec, life.of(ctx).choice
    if chosen and chosen.remark:
        yield chosen.remark
    if spec.storage.host_path:
        yield _ignored("spec.storage.hostPath", "use spec.storage.pvc")
    if spec.cert_config:
        yield _ignored("spec.certConfig", "use spec.proxy.certConfigMap")
    if spec.storage.pvc.create and ctx.annotations.get(naming.PREFILLED) == "true":
        yield _ignored(
            f"annotation {naming.PREFILLED}", "name the claim without spec.storage.pvc.create"
        )
    if template.user(ctx.cache) == 0:
        yield _exception("RootUser", "spec.userID is 0, so the containers run as root")
    if spec.proxy and spec.proxy.cert_config_map:
        yield _exception(
            "CertificatesNeedRoot",
            "spec.proxy.certConfigMap is installed by an init container that runs as root",
        )


def _ignored(what: str, remedy: str) -> Finding:
    return Finding("FieldIgnored", f"The {what} has no effect", remedy)


def _exception(reason: str, cause: str) -> Finding:
    message = (
        f"{cause}: a namespace that enforces the Pod Security Standard restricted refuses these "
        "pods"
    )
    return Finding(reason, message, condition="PodSecurityRestricted")


BUILDERS: tuple[Builder, ...] = (
    persistentvolumeclaim.build,
    serviceaccount.build,
    _jobs,
    _remarks,
)


def plan(ctx: Context) -> Plan:
    """Return every desired child of the NIMCache.

    Raises:
        BuilderError: if a builder fails; it names the builder.
    """
    built, findings = builder.build(ctx, BUILDERS)
    children, taken = ownership.left_to_others(ctx, built)
    children += builder.kept_claims(ctx, children)
    return Plan(tuple(children), (*findings, *taken))

"""Rules: what must hold between fields of different groups of ``spec``."""

from hooks.kernel.api.model import Rule

_KNATIVE = (
    "(has(self.inferencePlatform) && self.inferencePlatform == 'kserve' && has(self.annotations)"
    " && 'serving.kserve.io/deploymentMode' in self.annotations"
    " && self.annotations['serving.kserve.io/deploymentMode'].lowerAscii() in ['knative', 'serverless'])"
)


def _not_with_knative(condition: str, path: str, instead: str) -> Rule:
    return Rule(
        f"!({_KNATIVE} && {condition})",
        f"{path} cannot be used where KServe runs in Knative mode, {instead};"
        " remove it, or set the annotation serving.kserve.io/deploymentMode to Standard",
        field_path="." + path.removeprefix("spec."),
        reason="FieldValueForbidden",
    )


RULES = (
    Rule(
        "(has(self.draResources) && has(oldSelf.draResources) && self.draResources == oldSelf.draResources)"
        " || (!has(self.draResources) && !has(oldSelf.draResources))",
        "spec.draResources is immutable; create another NIMService to run the model on other devices",
        field_path=".draResources",
    ),
    Rule(
        "!(has(self.multiNode) && has(self.scale) && has(self.scale.enabled) && self.scale.enabled)",
        "spec.scale.enabled must not be true with spec.multiNode; remove it, and set spec.replicas to the number of groups",
        field_path=".scale.enabled",
    ),
    Rule(
        "!(has(self.scale) && has(self.scale.enabled) && self.scale.enabled && has(self.replicas))",
        "spec.replicas must be absent where spec.scale.enabled is true; remove it, scale.hpa.minReplicas and maxReplicas are the bounds",
        field_path=".replicas",
    ),
    Rule(
        "!(has(self.expose) && has(self.expose.ingress) && has(self.expose.ingress.enabled) && self.expose.ingress.enabled"
        " && has(self.expose.router) && has(self.expose.router.ingress))",
        "spec.expose.ingress must not be enabled beside spec.expose.router.ingress; remove it, the router takes its place",
        field_path=".expose.ingress",
    ),
    Rule(
        "has(self.multiNode) == has(oldSelf.multiNode) && (!has(self.multiNode) || self.multiNode == oldSelf.multiNode)",
        "spec.multiNode is immutable; create another NIMService to spread the model differently",
        field_path=".multiNode",
        reason="FieldValueForbidden",
    ),
    Rule(
        "!(has(self.multiNode) && has(self.inferencePlatform) && self.inferencePlatform == 'kserve')",
        "spec.multiNode cannot be used where spec.inferencePlatform is kserve; use standalone, or one node",
        field_path=".multiNode",
        reason="FieldValueForbidden",
    ),
    Rule(
        "has(self.storage)",
        "spec.storage is required; give one of storage.nimCache, storage.pvc, storage.emptyDir and storage.hostPath",
        field_path=".storage",
        reason="FieldValueRequired",
    ),
    Rule(
        "!(has(self.resources) && has(self.resources.claims))",
        "spec.resources.claims must be absent; list the claims in spec.draResources, which hands them to the containers",
        field_path=".resources.claims",
        reason="FieldValueForbidden",
    ),
    Rule(
        "!has(self.draResources) || !((has(self.replicas) && self.replicas > 1)"
        " || (has(self.scale) && has(self.scale.enabled) && self.scale.enabled))"
        " || self.draResources.all(claim, !has(claim.resourceClaimName))",
        "spec.draResources[].resourceClaimName is one claim, which several replicas cannot share;"
        " use resourceClaimTemplateName or claimCreationSpec where replicas is above 1 or scale.enabled is true",
        field_path=".draResources",
        reason="FieldValueForbidden",
    ),
    Rule(
        "!has(self.draResources) || self.draResources.all(claim, !has(claim.resourceClaimName)"
        " || self.draResources.exists_one(other, has(other.resourceClaimName)"
        " && other.resourceClaimName == claim.resourceClaimName))",
        "spec.draResources must not name a resourceClaimName twice; list the requests of one claim in its requests",
        field_path=".draResources",
        reason="FieldValueDuplicate",
    ),
    Rule(
        "!has(self.strategy) || !has(self.strategy.type) || self.strategy.type in ['', 'RollingUpdate', 'Recreate']",
        "spec.strategy.type must be RollingUpdate or Recreate; correct it",
        field_path=".strategy.type",
    ),
    Rule(
        "!has(self.strategy) || !has(self.strategy.rollingUpdate)"
        " || !(has(self.strategy.type) && self.strategy.type == 'Recreate')",
        "spec.strategy.rollingUpdate must be absent where type is Recreate; remove one of them",
        field_path=".strategy.rollingUpdate",
        reason="FieldValueForbidden",
    ),
    Rule(
        "!has(self.strategy) || !has(self.strategy.rollingUpdate)"
        " || !has(self.strategy.rollingUpdate.maxUnavailable)"
        " || !(string(self.strategy.rollingUpdate.maxUnavailable) in ['0', '0%'])"
        " || (has(self.strategy.rollingUpdate.maxSurge)"
        " && !(string(self.strategy.rollingUpdate.maxSurge) in ['0', '0%']))",
        "spec.strategy.rollingUpdate.maxSurge must be more than 0 where maxUnavailable is 0; set it to 1",
        field_path=".strategy.rollingUpdate",
    ),
    _not_with_knative(
        "has(self.scale) && has(self.scale.enabled) && self.scale.enabled",
        "spec.scale.enabled",
        "which scales by itself",
    ),
    _not_with_knative(
        "has(self.expose) && has(self.expose.ingress) && has(self.expose.ingress.enabled) && self.expose.ingress.enabled",
        "spec.expose.ingress.enabled",
        "which makes its own routes",
    ),
    _not_with_knative(
        "has(self.expose) && has(self.expose.router) && has(self.expose.router.ingress)",
        "spec.expose.router.ingress",
        "which makes its own routes",
    ),
    _not_with_knative(
        "has(self.expose) && has(self.expose.router) && has(self.expose.router.gateway)",
        "spec.expose.router.gateway",
        "which makes its own routes",
    ),
    _not_with_knative(
        "has(self.metrics) && has(self.metrics.enabled) && self.metrics.enabled",
        "spec.metrics.enabled",
        "which has no Service to monitor",
    ),
)

NAMES = (
    Rule(
        # The main container is <name>-ctr, and a container's name has at most 63 characters.
        "size(self.metadata.name) <= 59 && self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
        "metadata.name must be at most 59 lower-case letters, digits and '-', with a letter or digit at both ends, because containers are named by it",
        field_path=".metadata",
        only_new=True,
    ),
    Rule(
        # A group's StatefulSet is <name>-lws-<group>, and Kubernetes appends a hash of eleven characters to it in a label.
        "size(self.metadata.name) <= 45 || !has(self.spec.multiNode)",
        "metadata.name must be at most 45 characters with spec.multiNode, because the pods of a group are named and labelled by it",
        field_path=".metadata",
        only_new=True,
    ),
)

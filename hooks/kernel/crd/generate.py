"""Generate: makes CustomResourceDefinitions from the models. It needs the development tools."""

from collections.abc import Iterable

from hooks.kernel.crd import definitions, descriptions, schema
from hooks.kernel.crd.customresource import Column, CustomResource
from hooks.kernel.document import JSON
from hooks.kernel.kind import Kind
from hooks.kernel.yamltext import dumped

_HEADER = (
    "# Generated from the models in hooks/ by `nimservice crd --output crds`: "
    "edit those, then run `make crds`.\n"
)


def crds(resources: Iterable[CustomResource]) -> dict[str, str]:
    """Return the CustomResourceDefinitions as YAML by file name, sorted."""
    return {
        _file(each.kind): _HEADER + dumped(_definition(each))
        for each in sorted(resources, key=lambda each: _file(each.kind))
    }


def _file(kind: Kind) -> str:
    return f"{kind.api_version.partition('/')[0]}_{kind.plural}.yaml"


def _definition(resource: CustomResource) -> JSON:
    kind = resource.kind
    group, _, version = kind.api_version.partition("/")
    singular = kind.kind.lower()
    return {
        "apiVersion": "apiextensions.k8s.io/v1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": f"{kind.plural}.{group}"},
        "spec": {
            "group": group,
            "names": {
                "kind": kind.kind,
                "listKind": f"{kind.kind}List",
                "plural": kind.plural,
                "singular": singular,
                "shortNames": [resource.short_name],
            },
            "scope": "Namespaced",
            "versions": [
                {
                    "name": version,
                    "served": True,
                    "storage": True,
                    "schema": {"openAPIV3Schema": _root(resource)},
                    "subresources": {"status": {}}
                    | ({"scale": resource.scale} if resource.scale else {}),
                    "additionalPrinterColumns": [_column(each) for each in resource.columns],
                }
            ],
        },
    }


def _column(column: Column) -> JSON:
    return {"name": column.name, "jsonPath": column.path, "type": column.type} | (
        {"priority": 1} if column.wide else {}
    )


def _root(resource: CustomResource) -> JSON:
    """Return the schema of a whole object, with the fields common to Kubernetes objects."""
    pod = definitions.expand("core.v1.Pod")["properties"]
    texts = descriptions.of_fields(resource.model)
    status = schema.of(resource.status)
    # Without it, kstatus would report an object that the hooks never saw as Current.
    status["default"] = {"observedGeneration": -1}
    root = {
        "description": descriptions.of_model(resource.model),
        "type": "object",
        "properties": {
            "apiVersion": pod["apiVersion"],
            "kind": pod["kind"],
            "metadata": {"type": "object"},
            "spec": schema.of(resource.spec) | {"description": texts["spec"]},
            "status": status,
        },
        "required": ["spec"],
    }
    return root | (
        {"x-kubernetes-validations": schema.rules(resource.model)} if resource.model.rules else {}
    )

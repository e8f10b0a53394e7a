"""Whole: mistakes around the spec, and files that are no objects."""

from tests.cli.manifest import HEAD, NAMES, manifest
from tests.cli.mistakes.words import QUOTE

WHOLE = [
    (manifest(head=HEAD.replace("v1alpha1", "v1")), "apiVersion: must be apps.nvidia.com/v1alpha1"),
    (manifest(head=HEAD.replace("apps.", "app.")), "apiVersion: must be apps.nvidia.com/v1alpha1"),
    (manifest(head=HEAD.replace("{kind}", "NimService")), "kind: must be NIMService"),
    (manifest(head=HEAD.replace("{kind}", "NIMServce")), "did you mean NIMService?"),
    (manifest(head=HEAD.replace("{kind}", "Nimcache")), "kind: must be NIMCache"),
    (manifest(head=HEAD.replace("  name", "  nam")), "metadata.name: is required"),
    (manifest(head=HEAD.replace("llama", "Llama_3")), "metadata.name: must be lower-case"),
    (manifest(head=HEAD.replace("llama", "3.1")), "metadata.name: "),
    (
        manifest(head=HEAD.replace("llama", "123")),
        f"nim.yaml:4:3: NIMService/123: metadata.name: must be text, is the number 123; {QUOTE}",
    ),
    (
        manifest(head=HEAD.replace("llama", "true")),
        f'nim.yaml:4:3: NIMService/true: metadata.name: must be text, is true; {QUOTE}, "true"',
    ),
    (
        manifest(head=HEAD.replace("llama", "no")),
        f'NIMService/no: metadata.name: must be text, is false; {QUOTE}, "no"',
    ),
    (
        manifest(head=HEAD.replace("llama", "a.b")),
        "nim.yaml:4:3: NIMService/a.b: metadata.name: must be at most 59",
    ),
    (
        manifest(head=HEAD.replace("llama", "l" * 60)),
        ": metadata.name: must be at most 59",
    ),
    (
        manifest(head=HEAD.replace("name: llama", f"generateName: {'l' * 58}")),
        ": metadata.generateName: metadata.name must be at most 59",
    ),
    (
        manifest(head=HEAD + "  lables: {a: b}\n"),
        "metadata.lables: unknown field; did you mean labels",
    ),
    (manifest(head=HEAD + "  labels: {a: 1}\n"), "metadata.labels[a]: must be text"),
    (manifest(head=HEAD + "  labels: {a: b c}\n"), 'metadata.labels[a]: "b c" is no value'),
    (
        manifest(head=f"{HEAD}  annotations: {{a: {'x' * 2**18}}}\n"),
        "metadata.annotations: have 256 KiB, and all annotations",
    ),
    (manifest(head=HEAD + "  namespace: My_NS\n"), 'metadata.namespace: "My_NS" is no namespace'),
    (manifest(head=HEAD + "replicas: 1\n"), "replicas: unknown field; did you mean spec.replicas?"),
    (manifest().partition("spec:")[0], "spec: is required"),
    *(
        (
            manifest(kind=kind).partition("spec:")[0] + "spec: true",
            "spec: must be an object, is true",
        )
        for kind in NAMES
    ),
    (manifest().replace("kind: NIMService\n", ""), "has no kind"),
    (manifest().replace("kind:", "Kind:"), "has Kind; write kind, because capital letters count"),
    (
        manifest().replace("apiVersion:", "ApiVersion:"),
        "has ApiVersion; write apiVersion, because capital letters count",
    ),
    (
        manifest().replace("metadata:", "Metadata:"),
        "Metadata: unknown field; did you mean metadata",
    ),
    (manifest().replace("spec:", "Spec:"), "Spec: unknown field; did you mean spec?"),
    (
        manifest().replace("metadata:\n  name: llama", "metadata: llama"),
        "metadata must be an object",
    ),
    (manifest() + "  authSecret: twice\n", "not YAML: duplicate key authSecret"),
    (manifest().replace("  image:", "\timage:"), "indent by spaces, because YAML takes no tab"),
    (manifest().replace("  authSecret", " authSecret"), "this one at 2; begin the fields of one"),
    (manifest().replace("name: llama", "name:llama"), "is text; write a space after each colon"),
    (
        manifest().replace("name: llama", "name:llama\n  labels: {}"),
        "write a space after the colon in line 4",
    ),
    (manifest().replace("llama\nspec", "llama: x\nspec"), "put a value with a colon in quotes"),
    ("- " + manifest().replace("\n", "\n  "), "is a list; separate the objects by lines of ---"),
    ("", "is empty; expected a Kubernetes object"),
    (manifest().replace("llama\n", "{{ .Values.name }}\n", 1), "render a template first"),
]

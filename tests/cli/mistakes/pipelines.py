"""Pipelines: mistakes in the spec of a NIMPipeline."""

from tests.cli.manifest import PIPELINE
from tests.cli.mistakes.words import QUOTE

IN_A_PIPELINE = [
    (
        PIPELINE["services"] + "\n  namespace: other",
        "services[0].namespace: unknown field; there is none: the namespace of the pipeline counts",
    ),
    (
        PIPELINE["services"] + "\n  dependencies: [embedder]",
        'dependencies[0]: must be an object, is "embedder"; write {name: embedder}',
    ),
    (
        "services:\n- name: llm\n  enabled: true\n  replicas: 2\n  spec: {}",
        "services[0].replicas: unknown field; did you mean spec.services.spec.replicas?",
    ),
    ("services: {}", "services: must be a list, is an object"),
    ("services: [true]", "services[0]: must be an object, is true"),
    ("services:\n- enabled: true\n  spec: {}", "services[0].name: is required"),
    (
        "services:\n- {name: My_LLM, enabled: false}",
        (
            "services[0].name: is \"My_LLM\", must be lower-case letters, digits and '-', "
            "with a letter or digit at both ends"
        ),
    ),
    (
        "services:\n" + "\n".join(f"- {{name: s{n}, enabled: false}}" for n in range(18)),
        "services: must have 15 entries or less, has 18; put some into another NIMPipeline",
    ),
    (
        "dependencies: []",
        "dependencies: unknown field; did you mean spec.services.dependencies? write them in the",
    ),
    (
        PIPELINE["services"] + "\n    dependencies: []",
        (
            "services[0].spec.dependencies: unknown field; "
            "did you mean spec.services[0].dependencies? write it beside spec"
        ),
    ),
    (
        PIPELINE["services"] + "\n  dependencies:\n  - {name: e, port: 1, env: E}",
        "services[0].dependencies[0].env: unknown field; did you mean envName? the pipeline sets",
    ),
    (
        PIPELINE["services"] + "\n  dependencies:\n  - {name: e, port: 1, service: E}",
        "services[0].dependencies[0].service: unknown field; did you mean name?",
    ),
    ("nimservices: []", "nimservices: unknown field; did you mean spec.services?"),
    ("replicas: 1", "replicas: unknown field; did you mean spec.services.spec.replicas?"),
    (
        PIPELINE["services"] + "\n    livenessProbe: {httpGet: {port: 8000}}",
        "did you mean spec.services[0].spec.livenessProbe.probe.httpGet?",
    ),
    (
        PIPELINE["services"] + "\n    imagePullSecrets: [a]",
        (
            "services[0].spec.imagePullSecrets: unknown field; "
            "did you mean spec.services[0].spec.image.pullSecrets?"
        ),
    ),
    (
        PIPELINE["services"].replace('"1.8.4"', "1.10"),
        f'services[0].spec.image.tag: must be text, is the number 1.10; {QUOTE}, "1.10"',
    ),
]

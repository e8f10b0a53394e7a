"""Shapes: values of the wrong shape."""

from tests.cli.manifest import image

IN_A_SPEC = [
    (
        "image: nvcr.io/nim/meta/llama:1.8",
        (
            'image: must be an object, is "nvcr.io/nim/meta/llama:1.8"; write repository: '
            'nvcr.io/nim/meta/llama and tag: "1.8" below it'
        ),
    ),
    (
        "image: registry:5000/llama",
        (
            'image: must be an object, is "registry:5000/llama"; write repository: '
            "registry:5000/llama and tag: below it"
        ),
    ),
    (
        "authSecret:\n  name: ngc",
        "authSecret: must be text, is an object; write authSecret: ngc",
    ),
    (
        "storage:\n  pvc: models",
        'storage.pvc: must be an object, is "models"; write name: models below it',
    ),
    (
        "storage:\n  nimCache: llama",
        'storage.nimCache: must be an object, is "llama"; write name: llama below it',
    ),
    (
        "env:\n  LEVEL: debug",
        'env: must be a list, is an object; write it as a list, - name: LEVEL and value: "debug"',
    ),
    (
        "tolerations:\n  key: gpu",
        "tolerations: must be a list, is an object; write it as a list, with - before key",
    ),
    ("args: --fast", 'args: must be a list, is "--fast"; write it as a list, [--fast]'),
    (
        "args: --fast --safe",
        'args: must be a list, is "--fast --safe"; write it as a list, [--fast, --safe]',
    ),
    (
        image(more="  pullSecrets: ngc"),
        'image.pullSecrets: must be a list, is "ngc"; write it as a list, [ngc]',
    ),
    (
        image(more="  pullSecrets:\n  - name: ngc"),
        "image.pullSecrets[0]: must be text, is an object; write pullSecrets: [ngc]",
    ),
    (
        "expose:\n  service:\n    port:8000",
        (
            'expose.service: must be an object, is "port:8000"; write port: 8000, '
            "with a space after the colon"
        ),
    ),
    ("metrics: true", "metrics: must be an object, is true; write enabled: true below it"),
    (
        "livenessProbe: false",
        "livenessProbe: must be an object, is false; write enabled: false below it",
    ),
    (
        "tolerations: gpu",
        'tolerations: must be a list, is "gpu"; write it as a list of objects, [{key: gpu}]',
    ),
    (
        "env: [LEVEL=debug]",
        'env[0]: must be an object, is "LEVEL=debug"; write {name: LEVEL, value: "debug"}',
    ),
    ('env: ["true"]', 'env[0]: must be an object, is "true"; write {name: "true"}'),
    (
        "strategy: RollingUpdate",
        'strategy: must be an object, is "RollingUpdate"; write strategy: {type: RollingUpdate}',
    ),
    ("strategy: Sometimes", 'strategy: must be an object, is "Sometimes"'),
    ("expose: 8000", "expose: must be an object, is the number 8000"),
    ("storage:\n  readOnly: 'true'\n  pvc: {name: m}", "storage.readOnly: must be true or false"),
]

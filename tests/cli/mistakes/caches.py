"""Caches: mistakes in the spec of a NIMCache."""

from tests.cli.manifest import CACHE

GPUS = CACHE["source"] + "\n    model: {gpus: %s}"

IN_A_CACHE = [
    (
        GPUS % "h100",
        'gpus: must be a list, is "h100"; write it as a list of objects, [{product: h100}]',
    ),
    (
        GPUS % "100",
        'gpus: must be a list, is the number 100; write it as a list of objects, [{product: "100"}]',
    ),
    (GPUS % "[h100]", 'gpus[0]: must be an object, is "h100"; write {product: h100}'),
    ("annotations: {a: b}", "annotations: unknown field; did you mean metadata.annotations?"),
    ("serviceAccountName: x", "serviceAccountName: unknown field; there is none: the hooks choose"),
    ("state: Ready", "spec.state: unknown field; there is none: the hooks write the status"),
    ("storage:\n  size: 5Gi", "storage.size: unknown field; did you mean spec.storage.pvc.size?"),
    ("ngc: {}", "ngc: unknown field; did you mean spec.source.ngc?"),
    ("modelPuller: x", "modelPuller: unknown field; did you mean spec.source.ngc.modelPuller?"),
    ("profiles: [all]", "unknown field; did you mean spec.source.ngc.model.profiles?"),
    (
        "resources:\n  limits: {cpu: 1}",
        "resources.limits: unknown field; did you mean spec.resources? write cpu and memory",
    ),
    ("source:\n  ngc: {}", "source.ngc.modelPuller: is required"),
    ("source:\n  hf: {}\n  ngc: {modelPuller: a, authSecret: b}", "source"),
    (
        "source:\n  ngc: {modelPuller: 'https://nvcr.io/nim/x:1', authSecret: a}",
        "source.ngc.modelPuller: has the scheme https://; write nvcr.io/nim/x:1",
    ),
    *(
        (
            f"source:\n  {source}: {{modelPuller: '{puller}', authSecret: a{more}}}",
            f'source.{source}.modelPuller: "{words}',
        )
        for source, more in (
            ("ngc", ""),
            ("hf", ", endpoint: 'https://x', namespace: n, modelName: m"),
            ("dataStore", ", endpoint: 'https://x', namespace: n, modelName: m"),
        )
        for puller, words in (
            ("nvcr.io/NIM/x:1", 'nvcr.io/NIM/x" is no repository'),
            ("NVCR.io/nim/x", 'NVCR.io/nim/x" is no repository'),
            ("nvcr.io/x :1", 'nvcr.io/x " is no repository'),
            ("nvcr.io//x:1", 'nvcr.io//x" has an empty part'),
            ("nvcr.io/:1", 'nvcr.io/:1" has an empty part'),
            ("nvcr.io/x:a:b", 'a:b" is no tag'),
            ("nvcr.io/x:", '" is no tag'),
            ("nvcr.io/x@sha256:ab", 'sha256:ab" is no digest'),
        )
    ),
    ("userID: -5", "userID: must be from 0 to 2147483647, is -5"),
    ("groupID: -1", "groupID: must be from 0 to 2147483647, is -1"),
    ("resources: {cpu: -1}", "resources.cpu: must be 0 or more, is -1"),
    ("resources: {memory: -1Gi}", "resources.memory: must be 0 or more, is -1Gi"),
    ("storage:\n  pvc: {create: true, size: 50GB}", "storage.pvc.size: "),
    ("storage:\n  pvc: {create: yes please}", "storage.pvc.create: must be true or false"),
]

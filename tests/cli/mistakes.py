"""Mistakes that people make in manifests, each with the words that every command has for it."""

import re
from textwrap import indent

SPEC = {
    "image": 'image:\n  repository: nvcr.io/nim/meta/llama-3.1-8b-instruct\n  tag: "1.8.4"',
    "authSecret": "authSecret: ngc-api-secret",
    "storage": "storage:\n  pvc:\n    name: models",
    "expose": "expose:\n  service:\n    port: 8000",
}
CACHE = {
    "source": "source:\n  ngc:\n    modelPuller: nvcr.io/nim/meta/llama:1.8\n    authSecret: ngc",
    "storage": "storage:\n  pvc:\n    create: true\n    size: 50Gi",
}
PIPELINE = {
    "services": "services:\n- name: llm\n  enabled: true\n  spec:\n"
    + indent("\n".join(SPEC.values()), "    ")
}
HEAD = "apiVersion: apps.nvidia.com/v1alpha1\nkind: {kind}\nmetadata:\n  name: llama\n"
NAMES = {"NIMService": SPEC, "NIMCache": CACHE, "NIMPipeline": PIPELINE}


def manifest(changed="", kind="NIMService", head=HEAD):
    """Return a file whose spec has some fields of its own, written as they are."""
    fields = dict(NAMES[kind])
    for block in re.split(r"\n(?=[\w\"])", changed.strip("\n")) if changed else ():
        fields[block.partition(":")[0]] = block
    body = indent("\n".join(fields.values()), "  ")
    return f"{head.replace('{kind}', kind)}spec:\n{body}\n"


def image(repository="nvcr.io/nim/meta/llama", tag='"1.8"', more=""):
    return f"image:\n  repository: {repository}\n  tag: {tag}\n{more}"


def resources(limits="", requests=""):
    parts = [f"  {name}: {{{text}}}" for name, text in (("limits", limits), ("requests", requests))]
    return "resources:\n" + "\n".join(part for part in parts if "{}" not in part)


def hpa(text):
    return f"scale:\n  enabled: true\n  hpa: {{{text}}}"


def affinity(expression):
    return (
        "affinity:\n  nodeAffinity:\n    requiredDuringSchedulingIgnoredDuringExecution:\n"
        f"      nodeSelectorTerms:\n      - matchExpressions:\n        - {{{expression}}}"
    )


QUOTE = "put it in quotes"

IN_A_SPEC = [
    (
        image(repository="nvcr.io/nim/llama:1.8@sha256:aa"),
        "image.repository: has a digest; write nvcr.io/nim/llama and a spec.image.tag",
    ),
    # numbers and other words that YAML does not read as text
    (image(tag="1.10"), f'image.tag: must be text, is the number 1.10; {QUOTE}, "1.10"'),
    (image(tag="1.8"), f'image.tag: must be text, is the number 1.8; {QUOTE}, "1.8"'),
    (image(tag="0123"), f'image.tag: must be text, is the number 0123; {QUOTE}, "0123"'),
    (image(tag="1e3"), f'image.tag: must be text, is the number 1e3; {QUOTE}, "1e3"'),
    (image(tag="2024_08"), f'image.tag: must be text, is the number 2024_08; {QUOTE}, "2024_08"'),
    (image(tag="2"), f'image.tag: must be text, is the number 2; {QUOTE}, "2"'),
    (image(tag="yes"), f'image.tag: must be text, is true; {QUOTE}, "yes"'),
    (image(tag=""), "image.tag: is required"),
    ("env:\n- {name: DEBUG, value: true}", f'env[0].value: must be text, is true; {QUOTE}, "true"'),
    ("env:\n- {name: N, value: 8}", f'env[0].value: must be text, is the number 8; {QUOTE}, "8"'),
    ("nodeSelector: {gpu: true}", f'nodeSelector[gpu]: must be text, is true; {QUOTE}, "true"'),
    ("labels: {v: 1.10}", f'labels[v]: must be text, is the number 1.10; {QUOTE}, "1.10"'),
    ('replicas: "2"', 'replicas: must be a whole number, is "2"; remove the quotes'),
    ("replicas: two", 'replicas: must be a whole number, is "two"'),
    ("replicas: 1.5", "replicas: must be a whole number, is the number 1.5"),
    ("replicas: -1", "replicas: must be 0 or more, is -1"),
    # the wrong shape
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
    # the wrong place
    (
        "draResources: [{claimName: gpu}]",
        "draResources[0].claimName: unknown field; did you mean resourceClaimName?",
    ),
    (
        "multiNode: {size: 2}",
        "multiNode.size: unknown field; did you mean spec.multiNode.parallelism.pipeline?",
    ),
    ("state: Ready", "spec.state: unknown field; there is none: the hooks write the status"),
    (
        "livenessProbe: {httpGet: {path: /v1/health/live, port: 8000}}",
        "livenessProbe.httpGet: unknown field; did you mean spec.livenessProbe.probe.httpGet?",
    ),
    (
        "readinessProbe: {tcpSocket: {port: 8000}}",
        "readinessProbe.tcpSocket: unknown field; did you mean spec.readinessProbe.probe.tcpSocket?",
    ),
    (
        "startupProbe: {exec: {command: [a]}}",
        "startupProbe.exec: unknown field; did you mean spec.startupProbe.probe.exec?",
    ),
    (
        "livenessProbe: {periodSeconds: 5}",
        "periodSeconds: unknown field; did you mean spec.livenessProbe.probe.periodSeconds?",
    ),
    (
        "expose:\n  router:\n    gateway: {hostDomainName: a.example.com}",
        "gateway.hostDomainName: unknown field; did you mean spec.expose.router.hostDomainName?",
    ),
    (
        "imagePullSecrets: [ngc]",
        (
            "imagePullSecrets: unknown field; did you mean spec.image.pullSecrets? "
            "write the names alone, [ngc-secret]"
        ),
    ),
    ("imagePullPolicy: Always", "unknown field; did you mean spec.image.pullPolicy?"),
    ("tag: x", "tag: unknown field; did you mean spec.image.tag?"),
    ("service: {port: 1}", "service: unknown field; did you mean spec.expose.service?"),
    ("ingress: {}", "ingress: unknown field; did you mean spec.expose.router.ingress?"),
    ("gateway: {}", "gateway: unknown field; did you mean spec.expose.router.gateway?"),
    ("router: {}", "router: unknown field; did you mean spec.expose.router?"),
    ("host: a.example.com", "host: unknown field; did you mean spec.expose.router.hostDomainName?"),
    ("port: 8000", "port: unknown field; did you mean spec.expose.service.port?"),
    (
        "expose:\n  port: 8000",
        "expose.port: unknown field; did you mean spec.expose.service.port?",
    ),
    ("minReplicas: 1", "minReplicas: unknown field; did you mean spec.scale.hpa.minReplicas?"),
    ("maxReplicas: 3", "maxReplicas: unknown field; did you mean spec.scale.hpa.maxReplicas?"),
    ("autoscaling: {}", "autoscaling: unknown field; did you mean spec.scale?"),
    ("hpa: {}", "hpa: unknown field; did you mean spec.scale.hpa?"),
    (
        "gpu: 1",
        "gpu: unknown field; did you mean spec.resources.limits? write it as nvidia.com/gpu: 1",
    ),
    ("limits: {}", "limits: unknown field; did you mean spec.resources.limits?"),
    ("size: 5Gi", "size: unknown field; did you mean spec.storage.pvc.size?"),
    (
        "storage:\n  size: 5Gi\n  pvc: {name: m}",
        "storage.size: unknown field; did you mean spec.storage.pvc.size?",
    ),
    (
        "storage:\n  emptyDir: {size: 5Gi}",
        "storage.emptyDir.size: unknown field; did you mean spec.storage.emptyDir.sizeLimit?",
    ),
    ("storageClass: fast", "unknown field; did you mean spec.storage.pvc.storageClass?"),
    ("pvc: {name: m}", "pvc: unknown field; did you mean spec.storage.pvc?"),
    ("nimCache: {name: m}", "nimCache: unknown field; did you mean spec.storage.nimCache?"),
    ("volume: {}", "volume: unknown field; did you mean volumes?"),
    ("updateStrategy: {}", "updateStrategy: unknown field; did you mean spec.strategy?"),
    ("gracePeriod: 5", "unknown field; did you mean spec.terminationGracePeriodSeconds?"),
    ("serviceAccountName: x", "serviceAccountName: unknown field; there is none: each NIMService"),
    ("runAsUser: 1000", "runAsUser: unknown field; did you mean spec.userID?"),
    ("model: llama", "model: unknown field; there is none: spec.image says which model it is"),
    (
        "metrics:\n  serviceMonitor: {enabled: true}",
        "metrics.serviceMonitor.enabled: unknown field; did you mean spec.metrics.enabled?",
    ),
    (
        "serviceMonitor: {}",
        "serviceMonitor: unknown field; did you mean spec.metrics.serviceMonitor",
    ),
    ("name: llama", "name: unknown field; did you mean metadata.name?"),
    ("namespace: nim", "namespace: unknown field; did you mean metadata.namespace?"),
    ("replicaCount: 2", "replicaCount: unknown field; did you mean spec.replicas?"),
    ("replica: 2", "replica: unknown field; did you mean replicas?"),
    ("Replicas: 2", "Replicas: unknown field; did you mean replicas?"),
    ("auth_secret: x", "auth_secret: unknown field; did you mean authSecret?"),
    ("nodeselector: {}", "nodeselector: unknown field; did you mean nodeSelector?"),
    ("toleration: []", "toleration: unknown field; did you mean tolerations?"),
    (image(more="  repo: x"), "image.repo: unknown field; did you mean repository?"),
    (image(more="  pullSecret: x"), "image.pullSecret: unknown field; did you mean pullSecrets?"),
    ("quantum: 1", "quantum: unknown field; nimservice explain nimservice.spec lists the fields"),
    # images
    (
        image("https://nvcr.io/nim/llama"),
        "image.repository: has the scheme https://; write nvcr.io/nim/llama",
    ),
    (
        image("nvcr.io/nim/llama:1.8"),
        'image.repository: has the tag "1.8"; write nvcr.io/nim/llama, and "1.8" as spec.image.tag',
    ),
    (image("nvcr.io/nim/llama@sha256:ab"), "image.repository: has a digest"),
    (image("nvcr.io/NIM/llama"), 'image.repository: "nvcr.io/NIM/llama" is no repository'),
    (image("nvcr.io//llama"), 'image.repository: "nvcr.io//llama" has an empty part'),
    (image(tag='"v1 8"'), 'image.tag: "v1 8" is no tag'),
    (image(more="  pullPolicy: always"), "image.pullPolicy: must be Always, IfNotPresent or Never"),
    # resources
    (
        resources("nvidia.com/gpu: 0.5"),
        "resources.limits[nvidia.com/gpu]: is 0.5, and a fraction of nvidia.com/gpu cannot be had",
    ),
    (
        resources('nvidia.com/gpu: "0.5"'),
        "resources.limits[nvidia.com/gpu]: is 0.5, and a fraction of nvidia.com/gpu cannot be had",
    ),
    (
        resources("gpu: 1"),
        "resources.limits[gpu]: is no resource of Kubernetes; write it as nvidia.com/gpu",
    ),
    (
        resources("", "nvidia.com/gpu: 1"),
        (
            "resources.requests[nvidia.com/gpu]: is an extended resource, which needs a limit; "
            "set spec.resources.limits[nvidia.com/gpu]"
        ),
    ),
    (
        resources("nvidia.com/gpu: 1", "nvidia.com/gpu: 2"),
        "resources.requests[nvidia.com/gpu]: is 2, and its limit is 1; make them equal",
    ),
    (
        resources("memory: 1Gi", "memory: 2Gi"),
        "resources.requests[memory]: is 2Gi, more than its limit of 1Gi; lower it",
    ),
    (
        resources("cpu: 500m", "cpu: 1"),
        "resources.requests[cpu]: is 1, more than its limit of 500m; lower it",
    ),
    (resources("memory: -1Gi"), "resources.limits[memory]: must be 0 or more, is -1Gi"),
    (resources("memory: 32GB"), 'resources.limits[memory]: is "32GB", must be a quantity'),
    (
        resources("mem: 1Gi"),
        "resources.limits[mem]: is no resource of Kubernetes; did you mean mem",
    ),
    ("storage:\n  pvc: {create: true}", "storage.pvc.size: pvc.size is required where"),
    ("storage: {}", "spec.storage"),
    ("storage:\n  emptyDir: {sizeLimit: -5Gi}", "storage.emptyDir.sizeLimit: must be 0 or more"),
    (
        (
            "sidecarContainers:\n- {name: a, image: {repository: a, tag: b}, "
            "resources: {limits: {cpu: -1}}}"
        ),
        "sidecarContainers[0].resources.limits[cpu]: must be 0 or more, is -1",
    ),
    # users and groups
    ("userID: -5", "userID: must be from 0 to 2147483647, is -5"),
    ("groupID: -1", "groupID: must be from 0 to 2147483647, is -1"),
    ("userID: 2147483648", "userID: must be from 0 to 2147483647, is 2147483648"),
    ("securityContext: {runAsUser: -1}", "securityContext.runAsUser: must be from 0"),
    ("podSecurityContext: {fsGroup: -1}", "podSecurityContext.fsGroup: must be from 0"),
    (
        "podSecurityContext: {supplementalGroups: [5, -1]}",
        "podSecurityContext.supplementalGroups[1]: must be from 0",
    ),
    (
        (
            "initContainers:\n- {name: a, image: {repository: a, tag: b}, "
            "securityContext: {runAsGroup: -1}}"
        ),
        "initContainers[0].securityContext.runAsGroup: must be from 0",
    ),
    # names, labels and keys
    ("authSecret: NGC_Secret", 'authSecret: "NGC_Secret" is no name of an object'),
    ("storage:\n  nimCache: {name: My Cache}", 'storage.nimCache.name: "My Cache" is no name'),
    ("runtimeClassName: NVIDIA", 'runtimeClassName: "NVIDIA" is no name of an object'),
    ("labels: {team: a b}", 'labels[team]: "a b" is no value of a label'),
    ("labels: {a b: x}", 'labels[a b]: "a b" is no key'),
    (f"labels: {{team: {'x' * 64}}}", "is no value of a label; use at most 63 letters"),
    ("nodeSelector: {gpu: A 100}", 'nodeSelector[gpu]: "A 100" is no value of a label'),
    ("annotations: {a/b/c: x}", 'annotations[a/b/c]: "a/b/c" is no key'),
    ("env:\n- {name: A=B, value: x}", 'env[0].name: "A=B" is no name of a variable'),
    ("env:\n- {value: x}", "env[0].name: is required"),
    (
        "env:\n- {name: A, value: x, valueFrom: {fieldRef: {fieldPath: metadata.name}}}",
        "env[0].valueFrom: must be absent beside value; remove one of them",
    ),
    # where pods may run
    (
        "tolerations:\n- {key: gpu, operator: Exist}",
        'tolerations[0].operator: must be Equal or Exists, is "Exist"; did you mean Exists?',
    ),
    (
        "tolerations:\n- {key: gpu, operator: Exists, value: x}",
        "tolerations[0].value: must be empty beside the operator Exists",
    ),
    (
        "tolerations:\n- {key: gpu, effect: NoSchedul}",
        "tolerations[0].effect: must be NoSchedule, PreferNoSchedule or NoExecute",
    ),
    ("tolerations:\n- {value: x}", "tolerations[0]: has no key; set key, or set operator"),
    (
        "tolerations:\n- {key: a, tolerationSeconds: 5}",
        "tolerations[0].tolerationSeconds: needs the effect NoExecute",
    ),
    (
        affinity("key: gpu, operator: Is, values: [a]"),
        'operator: must be In, NotIn, Exists, DoesNotExist, Gt or Lt, is "Is"',
    ),
    (affinity("key: gpu, operator: In"), "values: is required with the operator In"),
    (affinity("key: gpu, operator: Exists, values: [a]"), "values: must be empty beside Exists"),
    # the rest
    ("expose:\n  service: {port: 99999}", "expose.service.port: must be 65535 or less, is 99999"),
    ("expose:\n  service: {type: Loadbalancer}", "did you mean LoadBalancer?"),
    ("expose:\n  service: {port: 80, grpcPort: 80}", "grpcPort: 80 is already the number of port"),
    ("expose:\n  service: {port: http}", 'expose.service.port: must be a whole number, is "http"'),
    ("inferencePlatform: knative", "inferencePlatform: must be standalone or kserve"),
    (
        "expose: {router: {hostDomainName: 'https://a.example.com', gateway: {name: g, namespace: n}}}",
        "expose.router.hostDomainName: has the scheme https://; write a.example.com",
    ),
    (hpa("minReplicas: 2"), "scale.hpa.maxReplicas: is required"),
    (hpa("minReplicas: 5, maxReplicas: 2"), "scale.hpa"),
    ("replicas: 2\n" + hpa("maxReplicas: 3"), "replicas: spec.replicas must be absent where"),
    (
        "livenessProbe:\n  probe: {httpGet: {port: 1}, exec: {command: [a]}}",
        "livenessProbe.probe: has more than one way, exec and httpGet; keep one",
    ),
    (
        "livenessProbe:\n  probe: {tcpSocket: {port: 1}, successThreshold: 2}",
        "livenessProbe.probe.successThreshold: must be 1, is 2; remove it",
    ),
    (
        "startupProbe:\n  probe: {tcpSocket: {port: 1}, successThreshold: 2}",
        "startupProbe.probe.successThreshold: must be 1, is 2",
    ),
    (
        (
            "sidecarContainers:\n- name: a\n  image: {repository: a, tag: b}\n"
            "  livenessProbe: {tcpSocket: {port: 1}, successThreshold: 2}"
        ),
        "sidecarContainers[0].livenessProbe.successThreshold: must be 1, is 2",
    ),
    (
        "readinessProbe:\n  probe: {httpGet: {port: 70000}}",
        "readinessProbe.probe.httpGet.port: must be from 1 to 65535, is 70000",
    ),
    ("livenessProbe:\n  probe: {periodSeconds: 5}", "livenessProbe.probe: has no way to ask; add"),
    (
        "readinessProbe:\n  probe: {grpc: {port: 0}}",
        "readinessProbe.probe.grpc.port: must be from 1 to 65535, is 0",
    ),
    (
        'readinessProbe:\n  probe: {tcpSocket: {port: "8000"}}',
        'readinessProbe.probe.tcpSocket.port: "8000" is no name of a port; remove the quotes',
    ),
    (
        "readinessProbe:\n  probe: {tcpSocket: {port: 1}, periodSeconds: -1}",
        "readinessProbe.probe.periodSeconds: must be 0 or more, is -1",
    ),
    (
        "volumes:\n- {name: v, configMap: {name: a}, secret: {secretName: b}}",
        "volumes[0]: has several sources, configMap and secret; keep one",
    ),
    (
        hpa("maxReplicas: 2, metrics: [{type: Resource}]"),
        "scale.hpa.metrics[0].resource: is required with the type Resource",
    ),
    (
        hpa("maxReplicas: 2, metrics: [{type: resource}]"),
        "scale.hpa.metrics[0].type: must be ContainerResource, External, Object, Pods or Resource",
    ),
    (
        hpa(
            "maxReplicas: 2, metrics: [{type: Pods, pods: {metric: {name: a}, target: "
            "{type: Value, value: 1}}, resource: {name: cpu, target: {type: Utilization}}}]"
        ),
        "scale.hpa.metrics[0].resource: must be absent beside the type Pods",
    ),
]
"""Fields of a NIMService's spec, and a part of what is said."""

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

TABLE = [
    *((manifest(text), words) for text, words in IN_A_SPEC),
    *((manifest(text, "NIMCache"), words) for text, words in IN_A_CACHE),
    *((manifest(text, "NIMPipeline"), words) for text, words in IN_A_PIPELINE),
    *WHOLE,
]
"""A file, and a part of the line that every command prints of it."""

"""Values: of images, resources, users, names, the place of pods and the rest."""

from tests.cli.manifest import affinity, hpa, image, resources

IN_A_SPEC = [
    # images
    (
        image(repository="nvcr.io/nim/llama:1.8@sha256:aa"),
        "image.repository: has a digest; write nvcr.io/nim/llama and a spec.image.tag",
    ),
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

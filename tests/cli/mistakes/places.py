"""Places: fields in the wrong place, and names that no field has."""

from tests.cli.manifest import image

IN_A_SPEC = [
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
]

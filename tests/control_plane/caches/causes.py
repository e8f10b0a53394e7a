"""Causes: why it does not go on, in the words of the NIMCache and of the NIMService that waits
for it."""

from tests.control_plane.caches.common import KEY, case, fails, said_of, stays, user, waits
from tests.control_plane.kubelet import Play

_NODES = "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."
CAUSES = {
    "pull": (
        stays("probe", **waits("ImagePullBackOff", 'Back-off pulling image "x": not found')),
        "ImagePullBackOff",
        "not found",
    ),
    "nodes": (
        stays(
            "download",
            phase="Pending",
            conditions=[
                {
                    "type": "PodScheduled",
                    "status": "False",
                    "reason": "Unschedulable",
                    "message": _NODES,
                }
            ],
        ),
        "Unschedulable",
        "set spec.nodeSelector",
    ),
    "secret": (
        stays(
            "download", **waits("CreateContainerConfigError", 'secret "ngc-api-secret" not found')
        ),
        "CreateContainerConfigError",
        "ngc-api-secret",
    ),
    "memory": (Play(download=fails(9, "", 137, "OOMKilled")), "OOMKilled", "ran out of memory"),
    "evicted": (Play(download=fails(9, "", 137, "Evicted")), "Evicted", "ephemeral-storage"),
    "key": (Play(download=fails(9, KEY)), "DownloadUnauthorized", "put a valid key into Secret"),
    "price": (
        Play(download=fails(9, "402 Payment Required")),
        "DownloadForbidden",
        "accept its terms or its price",
    ),
    "space": (
        Play(download=fails(9, "OSError: [Errno 28] No space left on device")),
        "ClaimFull",
        "raise spec.storage.pvc.size",
    ),
}


@case
def causes(lab):
    for name, (play, _, _) in CAUSES.items():
        lab.cache(f"why-{name}", play)
        lab.put(user(lab, f"why-{name}"))
    for name, (play, reason, words) in CAUSES.items():
        cache = f"why-{name}"
        if play.stands:
            yield from lab.reaches(cache, "Pending", reason)
        else:
            yield from lab.reaches(cache, "InProgress", "Retrying")
        assert words in lab.said(cache)["message"], lab.said(cache)
        quoted = lab.said(cache)["message"].partition(";")[0][:60]
        while quoted not in said_of(lab, cache).get("message", ""):
            yield f"NIMService {cache} says {quoted!r}, not {said_of(lab, cache).get('message')}"
        assert said_of(lab, cache)["reason"] == "NIMCacheNotReady"

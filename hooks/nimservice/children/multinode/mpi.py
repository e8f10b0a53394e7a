"""MPI: the ConfigMaps that start a group: its members, and the leader's start script."""

from collections.abc import Iterator

from hooks.kernel import strict
from hooks.kernel.manifest import Manifest
from hooks.nimservice import hostfile, kinds, naming
from hooks.nimservice.api.multinode import MultiNode
from hooks.nimservice.api.nimservice import NIMService
from hooks.nimservice.context import Context

SCRIPT = "start-mpi-cluster.sh"
"""Key of the script in its ConfigMap, and its name in the pods."""

_START = """\
#!/bin/bash
# Runs the model server. With NIM_JSONL_LOGGING=1 all that it prints becomes JSON, one object a
# line, where the image can do that.
set -o pipefail
: "${NIM_JSONL_LOGGING:=0}"
python=/opt/nim/llm/.venv/bin/python3
server=nim_llm_sdk.entrypoints.openai.api_server
packer=nim_llm_sdk.logging.pack_all_logs_into_json
if [[ $NIM_JSONL_LOGGING == 1 ]] && "$python" -c "import $packer" 2>/dev/null; then
  "$python" -m "$server" |& "$python" -m "$packer"
else
  exec "$python" -m "$server"
fi
"""


def build(ctx: Context) -> Iterator[Manifest]:
    """Yield the hostfiles and the start script of groups that start by MPI, the default."""
    nim, multi = ctx.nim, ctx.nim.multi_node
    if multi is None or multi.ray is not None or not ctx.manages(kinds.LEADER_WORKER_SET):
        return
    yield _config_map(
        nim,
        naming.hostfiles(nim),
        {
            f"hostfile-{group}": hostfile.of(nim, multi, group)
            for group in range(_groups(ctx, multi))
        },
    )
    yield _config_map(nim, naming.start_script(nim), {SCRIPT: _START})


def _config_map(nim: NIMService, name: str, data: dict[str, str]) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "ConfigMap",
        "metadata": naming.metadata(nim, name, labels=naming.labels(nim)),
        "data": data or None,
    }


def _groups(ctx: Context, multi: MultiNode) -> int:
    """Return the number of groups with a hostfile: the desired and the still running ones (Q11)."""
    running = strict.number(ctx.running(kinds.LEADER_WORKER_SET) or {}, "spec", "replicas") or 0
    return max(ctx.nim.replicas, min(running, hostfile.most_groups(ctx.nim, multi)))

"""Print all figures, or those of the given sections: ``python -m benchmarks sync memory``."""

import sys

from benchmarks import bodies, commands, convergence, http, memory, sync

SECTIONS = {
    "sync": sync.rows,
    "commands": commands.rows,
    "http": http.rows,
    "bodies": bodies.rows,
    "memory": memory.rows,
    "convergence": convergence.rows,
}


def main(wanted: list[str]) -> None:
    """Run the given sections, or all of them."""
    for name in wanted or SECTIONS:
        for row in SECTIONS[name]():
            print(row, flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])

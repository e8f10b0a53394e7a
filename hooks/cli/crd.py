"""CRD: print the CustomResourceDefinitions, or write them to a folder."""

import argparse
import sys
from pathlib import Path

from hooks.cli.error import CommandError
from hooks.kernel.crd import definitions, shipped


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Print the CustomResourceDefinitions of NIMService and NIMCache. They are generated from the models where the tools of "
        "development are installed; elsewhere they are those that came with this release, which are the same."
    )
    parser.epilog = """examples:
  nimservice crd | kubectl apply --server-side -f -     install them; they are too large for a client-side apply
  nimservice crd --output crds                          one file for each kind"""
    parser.add_argument(
        "--output",
        metavar="DIR",
        help="write one file for each kind into this folder, which is made where it is missing",
    )


def run(args: argparse.Namespace) -> int:
    """Print or write the CustomResourceDefinitions."""
    texts = _texts()
    if args.output is None:
        sys.stdout.write("---\n".join(texts.values()))
        return 0
    folder = Path(args.output)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
    except OSError as error:
        raise CommandError(f"crd: {error.filename}: cannot be written: {error.strerror}") from None
    return 0


def _texts() -> dict[str, str]:
    if not definitions.available():
        return shipped.texts()
    from hooks import resources  # noqa: PLC0415 - the models are imported only where something is generated
    from hooks.kernel.crd import generate  # noqa: PLC0415

    return generate.crds(resources.DEFINITIONS)

"""CRD: print the CustomResourceDefinitions, or write them to a folder."""

import argparse
import sys
from pathlib import Path

from hooks.cli.error import CommandError
from hooks.kernel.crd import definitions, shipped

CODES = ("the definitions were printed or written", "")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.description = (
        "Print the CustomResourceDefinitions of NIMService, NIMPipeline and NIMCache. With the "
        "development tools installed, the command generates them from the models. Otherwise it "
        "prints the copies that came with this release, which are the same."
    )
    parser.epilog = """examples:
  nimservice crd | kubectl apply --server-side -f -     they are too large for a client-side apply
  nimservice crd --output crds                          one file for each kind"""
    parser.add_argument(
        "--output",
        metavar="DIR",
        help="write one file for each kind into this folder; the command creates a missing folder",
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
        raise CommandError(f"crd: cannot write {error.filename}: {error.strerror}") from None
    return 0


def _texts() -> dict[str, str]:
    if not definitions.available():
        return shipped.texts()
    from hooks import resources  # noqa: PLC0415 - only generating needs the models
    from hooks.kernel.crd import generate  # noqa: PLC0415

    return generate.crds(resources.DEFINITIONS)

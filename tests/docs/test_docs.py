"""The documentation: its YAML is admitted and rendered, its commands run and say what stands there,
its links lead somewhere."""

import argparse
import importlib
import re
import shlex
import textwrap
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import NamedTuple

import pytest
import yaml

from hooks import cli
from hooks.cli import files, render
from hooks.kernel import settings
from hooks.kernel.crd import admission
from hooks.nimservice.kinds import NIM_SERVICE, WORKLOADS
from hooks.preview import installation
from hooks.preview import render as offline
from hooks.resources import Settings
from nimservice_simulator import demo, nimimages, show
from nimservice_simulator.clock import VirtualClock
from nimservice_simulator.controllers.scenarios import READY
from nimservice_simulator.metacontroller.transport import InProcess
from nimservice_simulator.simulation import Simulation
from tools import site

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [*ROOT.glob("*.md"), ROOT / "metacontroller" / "README.md", *ROOT.glob("docs/**/*.md")]
)
FOLDERS = {"benchmarks", "docs", "hooks", "metacontroller", "simulator", "tests", "tools"}
MARK = "<!-- needs a cluster -->"
FENCE = re.compile(
    r"(?:^ *(<!-- needs a cluster -->)\n)?^( *)```(\w+)([^\n`]*)\n(.*?)^\2```$",
    re.MULTILINE | re.DOTALL,
)
OTHERS = {"kubectl", "curl", "docker", "helm", "export", "git", "pipx", "pre-commit", "uvx"}
"""Programs whose commands are about a cluster, a registry or a shell of the reader's own."""


class Block(NamedTuple):
    """A fenced block."""

    page: Path
    marked: bool
    """Whether it says that it needs a cluster."""
    language: str
    info: str
    text: str

    @property
    def title(self):
        found = re.search(r'title="([^"]+)"', self.info)
        return found and found[1]

    def objects(self):
        """Return the NIMServices and NIMCaches of a block of YAML; excerpts of them are no
        objects."""
        documents = (
            yaml.load_all(self.text, Loader=yaml.CSafeLoader) if self.language == "yaml" else ()
        )
        return [
            each
            for each in documents
            if isinstance(each, dict) and each.get("kind") in admission.kinds() and "spec" in each
        ]

    def commands(self):
        """Yield each command with the lines that it is shown to print."""
        if self.language == "sh":
            yield from (
                (line, [])
                for line in self.text.replace("\\\n", " ").splitlines()
                if line.strip() and not line.startswith("#")
            )
        if self.language == "console":
            for part in re.split(r"^\$ ", self.text, flags=re.MULTILINE)[1:]:
                command, *output = part.rstrip("\n").split("\n")
                yield command, output


def blocks(page):
    return [
        Block(page, bool(marked), language, info, textwrap.dedent(text))
        for marked, _, language, info, text in FENCE.findall(page.read_text(encoding="utf-8"))
    ]


BLOCKS = [block for page in PAGES for block in blocks(page)]
MANIFESTS = [block for block in BLOCKS if block.objects()]


def name(value):
    return (
        (value.title or value.page.stem)
        if isinstance(value, Block)
        else value.relative_to(ROOT).as_posix()
    )


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """Return a function that opens a page: its titled files, and the folders of a checkout, are
    where commands look for them."""

    def open_page(page):
        for folder in ("metacontroller", "crds"):
            (tmp_path / folder).symlink_to(ROOT / folder)
        for block in blocks(page):
            if block.title:
                (tmp_path / block.title).write_text(block.text)
        monkeypatch.chdir(tmp_path)
        monkeypatch.setenv("KUBECONFIG", str(tmp_path / "no-cluster"))

    return open_page


def test_there_are_manifests_and_commands_to_look_at():
    assert len(MANIFESTS) > 8
    assert (
        len(
            [
                command
                for block in BLOCKS
                for command, _ in block.commands()
                if command.startswith("nimservice")
            ]
        )
        > 12
    )


@pytest.mark.parametrize("block", MANIFESTS, ids=name)
def test_a_manifest_is_admitted_unless_it_shows_a_mistake(block):
    found = [problem for each in block.objects() for problem in admission.problems(each)]
    assert bool(found) == ("refused" in block.info), found


@pytest.mark.parametrize(
    "block", [block for block in MANIFESTS if "refused" not in block.info], ids=name
)
def test_a_manifest_becomes_a_workload_and_nothing_of_it_is_left_out(block, tmp_path):
    file = tmp_path / "manifest.yaml"
    file.write_text(block.text)
    args = argparse.Namespace(files=[str(file)], positional=[], namespace="", without=[])
    loaded, others = render.split(files.load(args.files), args)
    parents = [each.manifest for each in loaded]
    found = list(offline.together(parents, others, Settings(), now=datetime.now(UTC)))
    for parent in parents:
        assert parent in [each for each, _ in found]
    for parent, answer in found:
        workloads = {kind.kind for kind in WORKLOADS} | {"NIMService"}
        if parent["kind"] != "NIMCache":  # one that is filled by hand makes nothing
            assert {child["kind"] for child in answer["children"]} & workloads
        assert answer["status"]["state"] != "Failed"
        assert not [each for each in answer["status"]["conditions"] if each["type"] == "Degraded"]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_the_commands_of_a_page_run_and_print_what_stands_there(page, desk, capsys):
    desk(page)
    for block in blocks(page):
        for command, output in block.commands():
            if not block.marked:
                follow(shlex.split(command, comments=True), output, capsys)


def follow(words, output, capsys):
    program, *arguments = words
    if program == "nimservice":
        assert arguments[0] in cli.COMMANDS or arguments[0].startswith("--"), words
        code = cli.main(arguments)
        printed = capsys.readouterr()
        said = printed.err + printed.out
        assert code == 0 or (code == 1 and output), (
            f"{words}: {code}: {said}; what reads a cluster is marked: {MARK}"
        )
        if output or arguments[0] == "validate":
            assert_shows(output, said.splitlines())
    elif program == "make":
        assert targets() >= {word for word in arguments if "=" not in word}, words
    else:
        assert program in OTHERS or "=" in program, (
            f"{words}: run it here, or mark the block: {MARK}"
        )
        for path in (word for word in arguments if re.match(r"(crds|metacontroller)\b", word)):
            assert Path(path).exists(), words


def assert_shows(shown, said):
    """Hold the lines of a page against what was printed, but for times.

    A line of ``…`` stands for any lines, and ``…`` within a line for any text.
    """
    wanted = "".join(
        r"(?:.*\n)*?" if line.strip() == "…" else pattern(line) + r"\n" for line in shown
    )
    assert re.fullmatch(wanted, "".join(f"{line}\n" for line in said)), "\n".join(said)


def pattern(line):
    return re.sub(r"^(\\ )*\d+\\\.\d+s", r" *[\\d.]+s", re.escape(line)).replace("…", ".*")


def targets():
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_command_within_a_sentence_exists_with_its_options(page):
    for code in re.findall(r"`([^`\n]+)`", FENCE.sub("", page.read_text(encoding="utf-8"))):
        if found := re.match(r"(?:nimservice|kubectl nim) ([a-z]+)(.*)", code):
            assert set(re.findall(r"(?<!\S)-{1,2}[a-z-]+", found[2])) <= options(found[1]) | {
                "--help"
            }, code
        elif found := re.match(r"make ([a-z-]+)", code):
            assert found[1] in targets(), code


def options(command):
    parser = argparse.ArgumentParser()
    importlib.import_module(f"hooks.cli.{command}").add_arguments(parser)
    return set(parser._option_string_actions)


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_setting_that_a_page_names_exists(page):
    named = set(re.findall(r"NIM_HOOKS_[A-Z_]+\b", page.read_text(encoding="utf-8")))
    assert named <= {described.variable for described in settings.describe(Settings)}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_link_leads_to_a_file_and_a_heading_of_it(page):
    for link in site.links(page.read_text(encoding="utf-8")):
        address, _, anchor = link.partition("#")
        if "://" in link:
            continue
        target = (page.parent / address) if address else page
        assert target.exists(), link
        if anchor:
            assert anchor in anchors(target), link


@pytest.mark.parametrize(
    "page", [page for page in PAGES if page.parent.name != "metacontroller"], ids=name
)
def test_a_path_of_the_repository_that_a_page_names_exists(page):
    """A part in angle brackets stands for any name: what comes before it has to exist."""
    for code in re.findall(r"`([^`\s]+)`", FENCE.sub("", page.read_text(encoding="utf-8"))):
        path = re.split(r"::|[<*…{]", code)[0]
        if path.partition("/")[0] in FOLDERS and "/" in path:
            assert (ROOT / path).exists(), code


def anchors(page):
    headings = re.findall(
        r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE
    )
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_readme_shows_what_the_demo_prints():
    (block,) = [
        block
        for block in blocks(ROOT / "README.md")
        if block.language == "console" and "samples/01" in block.text
    ]
    commands = list(block.commands())
    shown = [(command, lines) for command, lines in commands if "kubectl apply" in command]
    assert [command.rpartition("/")[2] for command, _ in shown] == list(demo.SHOWN)
    played = {command: demonstrated(command.split()[-1]) for command, _ in shown}
    for command, timeline in shown:
        told = iter([words(line) for line in show.timeline(played[command])])
        missing = [
            line
            for line in map(words, filter(None, timeline))
            if not any(said.startswith(line) for said in told)
        ]
        assert missing == []
    ((get, table),) = [each for each in commands if "kubectl get" in each[0]]
    simulation = played[shown[0][0]]
    nim = simulation.get(NIM_SERVICE, namespace="nim-service", name="meta-llama3-8b-instruct")
    assert f"-n {nim['metadata']['namespace']}" in get
    printed = show.table(definition(nim), [nim], simulation.clock.now())
    assert [line.split()[:-1] for line in filter(None, table)] == [
        line.split()[:-1] for line in printed
    ]


def demonstrated(sample):
    """Return the cluster of the demo after a sample was applied."""
    clock = VirtualClock()
    settings = Settings(model_lookup=False, gpu_discovery=True)
    objects = list(yaml.load_all((ROOT / sample).read_text(), Loader=yaml.CSafeLoader))
    simulation = Simulation(
        [*objects, nimimages.node()],
        controllers=installation.controllers(),
        transport=InProcess(installation.Hooks(settings, clock.now)),
        crds=installation.crds(),
        scenario=nimimages.played(READY),
        clock=clock,
    )
    simulation.settle()
    return simulation


def definition(obj):
    """Return the CustomResourceDefinition of an object."""
    return next(
        each for each in installation.crds() if each["spec"]["names"]["kind"] == obj["kind"]
    )


def words(line):
    """Return a line of the time line without its time, up to where it is cut."""
    return " ".join(line.split()[1:]).removesuffix("…").strip()


def test_the_site_shows_files_outside_docs_and_links_between_them():
    assert (
        site.with_links("[a](docs/status.md#x) and [b](metacontroller/README.md)", "index.md")
        == "[a](status.md#x) and [b](install.md)"
    )
    assert site.with_links("[a](../../README.md)", "decisions/README.md") == "[a](../index.md)"
    assert site.with_links("[`LICENSE`](LICENSE), `[x](y)`", "index.md") == "`LICENSE`, `[x](y)`"
    assert (
        site.with_links("[a](https://example.com/x) [b](#here)", "index.md")
        == "[a](https://example.com/x) [b](#here)"
    )
    assert "missing/" in site.with_links("[a](no/such.md)", "index.md")


def test_the_site_reads_a_block_that_shows_a_mistake_as_a_block():
    """mkdocs takes a fence with a word that it does not know for running text, and what comes next
    with it."""
    page = SimpleNamespace(file=SimpleNamespace(src_uri="quickstart.md"))
    shown = site.on_page_markdown(
        (ROOT / "docs" / "quickstart.md").read_text(encoding="utf-8"), page
    )
    fences = re.findall(r"^ *```(.+)$", shown, re.MULTILINE)
    assert 'yaml title="typo.yaml"' in fences
    assert all(re.fullmatch(r'\w+( title="[^"]+")?', fence) for fence in fences)


def test_every_page_is_in_the_navigation_once():
    named = ["index.md", {"Why": ["decisions/*"]}, {"Project": ["*"]}]
    rest = sorted({*site._all(), *site.OUTSIDE.values()} - set(site._named(named)))
    expanded = list(site._named(site._expanded(named, rest)))
    assert sorted(expanded) == sorted({*site._all(), *site.OUTSIDE.values()})
    assert expanded[1] == "decisions/README.md"


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_prose_has_lines_of_at_most_a_hundred_columns(page):
    """Rows of tables, headings, blocks of code and lists that a program writes may be longer."""
    prose = FENCE.sub("", page.read_text(encoding="utf-8")).splitlines()
    if prose[0].startswith("<!-- Generated"):
        return
    assert [
        line
        for line in prose
        if len(line) > 100 and not line.lstrip().startswith(("|", "#", "<!--"))
    ] == []


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_what_stands_in_a_numbered_list_is_indented_by_four(page):
    """The site's Markdown wants four spaces where others are content with three."""
    assert (
        re.findall(r"^ {1,3}(?:```|<!--).*", page.read_text(encoding="utf-8"), re.MULTILINE) == []
    )

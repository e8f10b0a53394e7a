"""Not YAML: says what to do about a text that cannot be read as YAML."""

import re

import yaml


def remedy(error: yaml.MarkedYAMLError, text: str) -> str:
    """Return what to do about a mistake, or an empty text where its cause is not clear."""
    mark = error.problem_mark or error.context_mark
    lines = text.splitlines()
    problem = error.problem or ""
    if "fit its tag" in problem:
        return "correct the value, or remove the tag and put text in quotes"
    if "object has no !!" in problem:
        return "write a list or an object, without the tag"
    if mark is None or not 0 <= mark.line <= len(lines):
        return ""
    line = lines[mark.line] if mark.line < len(lines) else ""
    if _begins(line, r"\s*\t"):
        return "indent by spaces, because YAML takes no tab there"
    if "any token" in problem:
        return f"put a value that begins with {line[mark.column : mark.column + 1]} in quotes"
    if "undefined alias" in problem:
        return "put a value that begins with * in quotes"
    if "end of stream" in problem and "quoted" in (error.context or ""):
        return "close the quotes"
    if error.context_mark and "flow" in (error.context or ""):
        bracket = "]" if "sequence" in str(error.context) else "}"
        return f"close the bracket of line {error.context_mark.line + 1} by {bracket}"
    if "mapping values" in problem or "expected" in problem:
        return _of_a_line(lines, mark.line)
    return ""


def _of_a_line(lines: list[str], number: int) -> str:
    """Return what is wrong with a line, or with the one above it."""
    line = lines[number] if number < len(lines) else ""
    above = next(
        (at for at in range(number - 1, -1, -1) if not _begins(lines[at], r"\s*(#|$)")), None
    )
    if above is not None and _begins(lines[above], r"\s*(- +)?[A-Za-z][\w-]*:[^\s/]"):
        return f"write a space after the colon in line {above + 1}"
    if re.search(r":\s+[^\s\"'{\[|>&].*:(\s|$)", line):
        return "put a value with a colon in quotes"
    if re.search(r":\s+([\"']).*\1\s*[^\s#,}\]]", line):
        return "put the whole value in quotes, and none within it"
    if above is None or _indent(line) == _indent(lines[above]):
        return ""
    return (
        f"line {above + 1} begins at column {_indent(lines[above]) + 1}, this one at "
        f"{_indent(line) + 1}; begin the fields of one object at the same column"
    )


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _begins(line: str, pattern: str) -> bool:
    return re.match(pattern, line) is not None

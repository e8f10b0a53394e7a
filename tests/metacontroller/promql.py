"""What a PromQL expression asks for: the metrics and, for each, the labels. As much of the language
as the alerts and the dashboard use."""

import re

SELECTOR = re.compile(r"\b([a-zA-Z_:][\w:]*)\b(?!\s*\()(\{[^}]*\})?")
GROUPING = re.compile(r"\b(?:by|without|on|ignoring)\s*\(([^)]*)\)")
WORDS = {"or", "and", "unless", "by", "without", "on", "ignoring", "bool"}


def metrics(expression):
    """Return the metrics of an expression, each with the labels that its selector or a grouping
    around the expression names."""
    text = re.sub(r"\[[^\]]*\]", "", re.sub(r'"[^"]*"', '""', expression))
    grouped = {
        label.strip()
        for labels in GROUPING.findall(text)
        for label in labels.split(",")
        if label.strip()
    }
    text = GROUPING.sub(" ", text)
    found = {}
    for name, matchers in SELECTOR.findall(text):
        if name not in WORDS:
            found.setdefault(name, set()).update(
                re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", matchers), grouped
            )
    return found

"""Settings: the choices of an installation, read once from the environment and checked at start."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any, Literal, NamedTuple, Self, get_args, get_origin, get_type_hints

from hooks.kernel import docstring
from hooks.kernel.spelling import nearest

PREFIX = "NIM_HOOKS_"
CONSTRAINTS = ("nonroot", "anyuid", "hostmount-anyuid")
"""OpenShift's SecurityContextConstraints that a spec can need, each wider than the one before."""
_WORDS = {"true": True, "false": False, "1": True, "0": False}


class SettingsError(ValueError):
    """Invalid settings; ``problems`` has one line for each variable, the text joins them."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = tuple(problems)


class Described(NamedTuple):
    """A setting as ``serve --help`` and the documentation show it."""

    variable: str
    default: str
    values: str
    meaning: str


@dataclass(frozen=True, kw_only=True)
class Settings:
    """The settings common to all resources.

    Each field is an environment variable: ``NIM_HOOKS_`` and the field's name in capitals.
    """

    resync_seconds: int = field(default=30, metadata={"least": 1, "most": 86400})
    """Seconds from a change to the next sync of an object in progress, even without an event. As
    long as nothing changes, each further wait is twice as long, up to 600 seconds."""

    finalize_grace_seconds: int = field(default=300, metadata={"least": 0, "most": 86400})
    """Seconds for the ordered deletion of children. Garbage collection deletes the rest."""

    field_manager: str = field(default="metacontroller", metadata={"most": 128})
    """Metacontroller's --apply-strategy-ssa-field-manager. While an input of a child is missing,
    the hooks keep the fields that this manager owns."""

    max_body_bytes: int = field(default=2 * 1024 * 1024, metadata={"least": 1024, "most": 1024**3})
    """Largest request body in bytes. A larger one gets 413, and so does one of more than one value
    for each eight of these bytes. A server needs memory in proportion."""

    tls_cert_file: str = field(default="", metadata={"least": 0, "most": 4096})
    """PEM file with the server's certificate and the intermediate ones up to its CA. With it, the
    server speaks HTTPS only. The server reads the file again when it changes."""

    tls_key_file: str = field(default="", metadata={"least": 0, "most": 4096})
    """PEM file with the private key of that certificate."""

    token_file: str = field(default="", metadata={"least": 0, "most": 4096})
    """File with the accepted bearer tokens, one per line. A call of a hook without one gets 401.
    Probes and metrics need no token. The server reads the file again when it changes."""

    openshift: bool = False
    """Make a Role, a RoleBinding and annotations, so that the pods may use their
    SecurityContextConstraints. For OpenShift only."""

    openshift_constraints: str = field(default="nonroot", metadata={"of": CONSTRAINTS})
    """SecurityContextConstraints that pods may be given on OpenShift, separated by commas. A spec
    that needs others is refused. Metacontroller needs the right to use each."""

    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """The lowest level to log. info logs every request, warning only failed ones."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str]) -> Self:
        """Return the settings in an environment.

        Raises:
            SettingsError: with one line for each unknown variable and each invalid value.
        """
        hints = get_type_hints(cls)
        known = {variable(item.name): item for item in fields(cls)}
        problems: list[str] = []
        values: dict[str, Any] = {}
        for name, text in sorted(environ.items()):
            if not name.startswith(PREFIX):
                continue
            if name not in known:
                problems.append(f"{name}: unknown setting; {_nearest(name, known)}")
                continue
            try:
                values[known[name].name] = _parse(
                    text, hints[known[name].name], known[name].metadata
                )
            except ValueError as error:
                problems.append(f"{name}: must be {error}, not {text!r}")
        if bool(values.get("tls_cert_file")) != bool(values.get("tls_key_file")):
            problems.append(
                f"{variable('tls_cert_file')} and {variable('tls_key_file')}: set both or neither"
            )
        if problems:
            raise SettingsError(problems)
        return cls(**values)


def variable(name: str) -> str:
    """Return the environment variable of a field."""
    return PREFIX + name.upper()


def describe(cls: type[Settings]) -> Iterator[Described]:
    """Yield every setting in the order of the fields, each with its docstring as its meaning."""
    hints = get_type_hints(cls)
    meanings = {
        name: text
        for each in reversed(cls.__mro__[:-1])
        for name, text in docstring.of_fields(each).items()
    }
    for item in fields(cls):
        default = str(item.default).lower() if isinstance(item.default, bool) else str(item.default)
        yield Described(
            variable(item.name),
            default,
            _values(hints[item.name], item.metadata),
            " ".join(meanings[item.name].split()),
        )


def _parse(text: str, hint: Any, limits: Mapping[str, Any]) -> bool | int | str:
    """Return the value in a text; a ValueError names the valid values."""
    valid = _values(hint, limits)
    if hint is bool:
        if text.lower() not in _WORDS:
            raise ValueError(valid)
        return _WORDS[text.lower()]
    if hint is int:
        if (
            not (text.isascii() and text.isdigit() and len(text) < 12)
            or not limits["least"] <= int(text) <= limits["most"]
        ):
            raise ValueError(valid)
        return int(text)
    if get_origin(hint) is Literal:
        if text not in get_args(hint):
            raise ValueError(valid)
        return text
    if "of" in limits:
        if not {*text.split(",")} <= {*limits["of"]}:
            raise ValueError(valid)
        return text
    if (
        len(text) < limits.get("least", 1)
        or not text.isprintable()
        or " " in text
        or len(text) > limits["most"]
    ):
        raise ValueError(valid)
    return text


def _values(hint: Any, limits: Mapping[str, Any]) -> str:
    if hint is bool:
        return "true or false"
    if hint is int:
        return f"a whole number from {limits['least']} to {limits['most']}"
    if get_origin(hint) is Literal:
        return "one of " + ", ".join(get_args(hint))
    if "of" in limits:
        return "any of " + ", ".join(limits["of"]) + ", separated by commas"
    return f"{limits.get('least', 1)} to {limits['most']} characters without spaces"


def _nearest(name: str, known: Mapping[str, object]) -> str:
    # The names have a long prefix in common.
    return nearest(name, known, cutoff=0.75) or f"known are {', '.join(known)}"

"""Proxy: how a NIMCache's download reaches the outside."""

from hooks.kernel.api import proxy
from hooks.kernel.api.model import Rule

_HOST = r"\.?[a-zA-Z\d.-]+|[\d.]+[:/]\d+|\[[\da-fA-F:.]+\]([:/]\d+)?"


class Proxy(proxy.Proxy):
    """How the containers reach the outside."""

    rules = (
        *(
            Rule(
                f"!has(self.{field}) || self.{field} == '' || self.{field}.startsWith('http://') || self.{field}.startsWith('https://')",
                f"proxy.{field} must be a URL that starts with http:// or https://",
                field_path=f".{field}",
            )
            for field in ("httpProxy", "httpsProxy")
        ),
        Rule(
            rf"!has(self.noProxy) || self.noProxy.matches(r'^(\s*({_HOST})?\s*(,|$))*$')",
            "proxy.noProxy must be hosts, domains, addresses and networks, separated by commas; IPv6 in brackets, no wildcards",
            field_path=".noProxy",
        ),
    )

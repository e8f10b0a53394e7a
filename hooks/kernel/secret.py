"""Secret: hides what looks like one in external text.

The table has the formats that their issuers have made recognizable, and the places where people
put secrets of any format. Every search is bounded: the text is hostile.
"""

import re

HIDDEN = "[hidden]"

_KEY_BLOCK = re.compile(
    r"-----BEGIN [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----"
    r".*?(?:-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----|\Z)",
    re.DOTALL,
)
_REST_OF_KEY_BLOCK = re.compile(
    r"\A.*?-----END [A-Z0-9 ]{0,40}PRIVATE KEY(?: BLOCK)?-----", re.DOTALL
)
"""A private key whose beginning was cut off."""

_PREFIXED = (
    r"nvapi-[\w.-]{8,}",  # NGC
    r"hf_[A-Za-z0-9]{16,}",  # Hugging Face; hf_hub_download is none
    r"(?:sk|rk|gsk|xai|pplx|r8)[-_][\w-]{12,}",  # OpenAI, Anthropic, Stripe, Groq, xAI, Replicate
    r"gh[opusr]_\w{12,}|github_pat_\w{12,}",
    r"gl(?:pat|dt|rt|ptt|oas|soat|cbt|agent|ft|imt)-[\w.-]{12,}",  # GitLab
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{12,}",  # AWS
    r"AIza[\w-]{30,}|ya29\.[\w.-]{12,}|GOCSPX-[\w-]{12,}",  # Google
    r"xox[abeoprs]-[\w.-]{8,}|xapp-[\w-]{8,}|xwfp-[\w-]{8,}",  # Slack
    r"npm_[A-Za-z0-9]{30,}|pypi-[\w-]{16,}|rubygems_[0-9a-f]{30,}",
    r"dckr_(?:pat|oat)_[\w-]{12,}",  # Docker Hub
    r"do[opr]_v1_[0-9a-f]{16,}",  # DigitalOcean
    r"hv[sbr]\.[\w-]{12,}|s\.[A-Za-z0-9]{24}\b|[\w-]{14}\.atlasv1\.[\w-]{16,}",  # HashiCorp
    r"dapi[0-9a-f]{32}",  # Databricks
    r"SG\.[\w-]{16,}\.[\w-]{16,}|SK[0-9a-f]{32}|key-[0-9a-f]{32}",  # SendGrid, Twilio, Mailgun
    r"NRAK-[A-Z0-9]{20,}|gl(?:sa|c)_[\w=]{16,}|sntry[su]_[\w=.-]{16,}|lin_api_\w{16,}",
    r"shp(?:at|ca|pa|ss)_[0-9a-fA-F]{16,}|pul-[0-9a-f]{30,}|tskey-[\w-]{16,}",
    r"AGE-SECRET-KEY-1[A-Z0-9]{16,}",
    r"\d{8,10}:AA[\w-]{30,}",  # Telegram
    r"eyJ[\w-]{6,}(?:\.[\w-]{4,}){1,4}|eyJ[\w=-]{24,}",  # JSON web tokens, and JSON as base64
)
_NAMED = (
    r"(?:key|token|secret|passw(?:or)?d|passphrase|(?<![a-z])pass|pwd|credentials?|signature"
    r"|cookie|auth)"
)

_RULES = (
    # The query of a URL may carry a signature, and does not help a reader.
    (re.compile(r"(https?://[^\s\"?]{1,512})\?[^\s\"]*?(?=[:,.]?(?:[\s\"]|$))"), r"\1"),
    (re.compile(rf"(?<![\w-])(?:{'|'.join(_PREFIXED)})"), HIDDEN),
    (re.compile(r"(hooks\.slack\.com/services/|/api/webhooks/)[\w/-]{8,200}"), rf"\1{HIDDEN}"),
    (re.compile(r"(://)[^/\s@]{1,512}@"), rf"\1{HIDDEN}@"),
    (
        re.compile(
            r"(?i)\b(bearer|basic|negotiate|digest|token)\s{1,4}"
            # "basic authentication" is prose. What is encoded has a digit, or changes its case.
            r"(?=[^\s\"']{0,64}\d|[^\s\"']{0,64}=|(?-i:[^\s\"']{0,64}[a-z][A-Z]))[^\s\"',;]{6,}"
        ),
        rf"\1 {HIDDEN}",
    ),
    # In quotation marks, the value of a key is data.
    (
        re.compile(rf"(?i)({_NAMED}[\"']\s{{0,4}}[:=]\s{{0,4}})([\"'])[^\"']{{1,2048}}[\"']?"),
        rf"\1\2{HIDDEN}\2",
    ),
    (re.compile(rf"(?i)({_NAMED}[\"']?=)[\"']?[^\s\"',;&]+"), rf"\1{HIDDEN}"),
    # An option begins a word; a Secret may be called ngc-api-secret, and what follows is prose.
    (
        re.compile(rf"(?i)((?<![\w-])--?[\w-]{{0,40}}{_NAMED}\s{{1,4}})(?!-)[^\s\"',;]+"),
        rf"\1{HIDDEN}",
    ),
    # "token: unexpected status" is prose. A secret has a digit, or changes its case.
    (
        re.compile(
            rf"(?i)({_NAMED}[\"']?\s?:\s?)"
            r"[\"']?(?=[^\s\"',;]{0,64}\d|(?-i:[^\s\"',;]{0,64}[a-z][A-Z]))[^\s\"',;]{6,}"
        ),
        rf"\1{HIDDEN}",
    ),
    # .netrc, and what curl and docker take on the command line.
    (re.compile(r"(\blogin\s{1,4}[^\s]{1,128}\s{1,4}password\s{1,4})[^\s]+"), rf"\1{HIDDEN}"),
    (
        re.compile(r"((?<![\w-])(?:-u|--user|--proxy-user)[\s=]\s{0,4}[\w.@+$-]{1,64}:)[^\s\"']+"),
        rf"\1{HIDDEN}",
    ),
    (re.compile(r"(\blogin\s[^\n]{0,200}?\s-p[\s=]\s{0,4})[^\s\"']+"), rf"\1{HIDDEN}"),
    # Of a password, any word is one.
    (re.compile(r"(?i)(\bpassw(?:or)?d:\s?)(?!\[)[^\s\"',;]+"), rf"\1{HIDDEN}"),
    # What is nothing but base64, as a line of a key is; a hash in hexadecimal digits is no secret.
    (
        re.compile(
            r"(?<![\w+/.-])(?=[\w+/]{0,64}[a-z])(?=[\w+/]{0,64}[A-Z])(?=[\w+/]{0,64}\d)"
            r"[A-Za-z0-9+][A-Za-z0-9+/]{39,}={0,2}(?![\w+/-])"
        ),
        HIDDEN,
    ),
)


def without_blocks(text: str) -> str:
    """Return a text of several lines without private keys in PEM."""
    if "PRIVATE KEY" not in text:
        return text
    return _REST_OF_KEY_BLOCK.sub(HIDDEN, _KEY_BLOCK.sub(HIDDEN, text))


def hidden(text: str) -> str:
    """Return a line without what looks like a secret."""
    text = without_blocks(text)
    for pattern, instead in _RULES:
        text = pattern.sub(instead, text)
    return text

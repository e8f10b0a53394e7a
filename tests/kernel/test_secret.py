"""What looks like a secret is hidden, and what only has its words is not."""

import base64
import time

import pytest

from hooks.kernel import prose, secret

KEY = base64.b64encode(bytes(range(7, 200))).decode()
PEM = "\n".join(
    (
        "-----BEGIN RSA PRIVATE KEY-----",
        *(KEY[at : at + 64] for at in range(0, len(KEY), 64)),
        "-----END RSA PRIVATE KEY-----",
    )
)
HEX = "0123456789abcdef" * 3
MIXED = "aB3dE5fG7hI9jK1lM2nO4pQ6rS8tU0vW"

TOKENS = {
    "NGC": f"nvapi-{MIXED}",
    "Hugging Face": f"hf_{MIXED}",
    "OpenAI": f"sk-proj-{MIXED}",
    "Anthropic": f"sk-ant-api03-{MIXED}",
    "Stripe": f"sk_live_{MIXED}",
    "Stripe, restricted": f"rk_live_{MIXED}",
    "Groq": f"gsk_{MIXED}",
    "xAI": f"xai-{MIXED}",
    "Replicate": f"r8_{MIXED}",
    "GitHub": f"ghp_{MIXED}",
    "GitHub, for an app": f"ghs_{MIXED}",
    "GitHub, fine-grained": f"github_pat_11AB_{MIXED}",
    "GitLab": f"glpat-{MIXED}",
    "GitLab runner": f"glrt-{MIXED}",
    "AWS": "AKIAIOSFODNN7EXAMPLE",
    "AWS, temporary": "ASIAIOSFODNN7EXAMPLE",
    "Google API": f"AIzaSy{MIXED}",
    "Google OAuth": f"ya29.{MIXED}",
    "Slack": "xoxb-123456789012-abcdefABCDEF",
    "Slack app": "xapp-1-A0B1-123-abcdef",
    "npm": f"npm_{MIXED}0000",
    "PyPI": f"pypi-AgEIcHlwaS5vcmc{MIXED}",
    "Docker Hub": f"dckr_pat_{MIXED}",
    "DigitalOcean": f"dop_v1_{HEX}",
    "Vault": f"hvs.{MIXED}",
    "Terraform": f"abcdefgh123456.atlasv1.{MIXED}",
    "Databricks": f"dapi{HEX[:32]}",
    "SendGrid": f"SG.{MIXED[:22]}.{MIXED}",
    "Twilio": f"SK{HEX[:32]}",
    "Grafana": f"glsa_{MIXED}_0a1b2c3d",
    "Sentry": f"sntrys_{MIXED}",
    "Pulumi": f"pul-{HEX}",
    "Tailscale": f"tskey-auth-{MIXED}",
    "age": f"AGE-SECRET-KEY-1{'QZ' * 20}",
    "Telegram": f"123456789:AA{MIXED}x",
    "JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc123",
    "Kubernetes": f"eyJhbGciOiJSUzI1NiIsImtpZCI6IiJ9.{KEY[:60]}.{MIXED}",
    "Slack webhook": "https://hooks.slack.com/services/T0A/B0B/abcDEF123",
    "base64": KEY,
}


@pytest.mark.parametrize("issuer", TOKENS)
@pytest.mark.parametrize("said", ["cannot log in with {}: rejected", '"{}"', "{}", "({})", "a={}."])
def test_a_token_is_hidden_wherever_it_stands(issuer, said):
    token = TOKENS[issuer]
    kept = "https://hooks.slack.com/services/" if issuer == "Slack webhook" else ""
    shown = secret.hidden(said.format(token))
    assert token.removeprefix(kept)[-12:] not in shown
    assert secret.HIDDEN in shown


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("NGC_API_KEY=hunter", "NGC_API_KEY=[hidden]"),
        ("password=hunter&x=1", "password=[hidden]&x=1"),
        ("AccountKey=abc/def+g==;x", "AccountKey=[hidden];x"),
        ('{"password": "correct horse"}', '{"password": "[hidden]"}'),
        ("{'api_key': 'hunter'}", "{'api_key': '[hidden]'}"),
        ("password: hunter", "password: [hidden]"),
        ("client-secret: hUnter", "client-secret: [hidden]"),
        ("--token hunter --x", "--token [hidden] --x"),
        ("--ngc-api-key hunter", "--ngc-api-key [hidden]"),
        ("Authorization: Bearer abcdef123456", "Authorization: Bearer [hidden]"),
        ("Authorization: Basic dXNlcjpwYXNz", "Authorization: Basic [hidden]"),
        ("Authorization: Basic YTpiYw==", "Authorization: Basic [hidden]"),
        ("authorization: token abcDef", "authorization: token [hidden]"),
        ("x-api-key: 12345678", "x-api-key: [hidden]"),
        (
            '{"auths":{"nvcr.io":{"username":"u","auth":"JG9hdXRoOm52"}}}',
            '{"auths":{"nvcr.io":{"username":"u","auth":"[hidden]"}}}',
        ),
        ('{"identitytoken":"abc"}', '{"identitytoken":"[hidden]"}'),
        ("http://user:hunter@proxy:3128 refused", "http://[hidden]@proxy:3128 refused"),
        ("git+https://hunter@github.com/x", "git+https://[hidden]@github.com/x"),
        ("redis://:p@cache:6379", "redis://[hidden]@cache:6379"),
        (
            "machine x login $oauthtoken password hunter",
            "machine x login $oauthtoken password [hidden]",
        ),
        ("curl -u admin:hunter https://x", "curl -u admin:[hidden] https://x"),
        ("docker login -u a -p hunter nvcr.io", "docker login -u a -p [hidden] nvcr.io"),
        ("db_pass=hunter", "db_pass=[hidden]"),
        ("GET https://s3/model?X-Amz-Signature=abc: 403", "GET https://s3/model: 403"),
        (f"loading {PEM} failed", "loading [hidden] failed"),
        (f"loading {PEM[:150]}", "loading [hidden]"),
        (PEM.replace("RSA", "OPENSSH"), "[hidden]"),
        (PEM.replace("RSA PRIVATE KEY", "PGP PRIVATE KEY BLOCK"), "[hidden]"),
        (PEM[100:], "[hidden]"),
    ],
)
def test_the_value_of_what_is_named_a_secret_is_hidden(said, shown):
    assert secret.hidden(said) == shown


@pytest.mark.parametrize(
    "said",
    [
        "failed to fetch anonymous token: unexpected status: 401",
        'secret "ngc-api-secret" not found',
        "Secret ngc-api-secret is missing for container nim-cache-ctr",
        "couldn't find key NGC_API_KEY in Secret nim/ngc-api-secret",
        "the server requires basic authentication",
        "bearer tokens are required here",
        "manifest nvcr.io/nim/meta/llama@sha256:" + "0a1b2c3d" * 8 + " not found",
        "sha256:" + "0a1b2c3d" * 8,
        "hf_hub_download() got an unexpected keyword argument",
        "npm_config_registry is not set",
        "docker login failed",
        "tests pass: 3 of 3",
        "traffic to be bypassed: none",
        "risk-assessment of disk-pressure",
        "/opt/nim/.cache/huggingface/hub/models--meta-llama--Llama-3.1-8B-Instruct/snapshots",
        "nvidia.com/gpu: Insufficient; 0/3 nodes are available",
        "model meta/llama-3.1-8b-instruct is not in the keyring",
        "CUDA error 700 at /workspace/build/TensorRT/plugin/attention/kernel.cu:1234",
        "pod llama-7d9c5b8f6d-x2x4z of ReplicaSet llama-7d9c5b8f6d",
        "5a0a4b3e-6d1c-4f0e-9d57-2f6b7c1f0a11",
    ],
)
def test_what_only_has_the_words_of_secrets_stays(said):
    assert secret.hidden(said) == said


@pytest.mark.parametrize("cut", [0, 40, 150])
def test_the_last_lines_show_no_part_of_a_key(cut):
    shown = prose.last_lines(f"{PEM[cut:]}\nbad key")
    assert shown.endswith("bad key")
    assert not any(line and line in shown for line in PEM[cut:].splitlines()[:-1])


STARTS = ["key=", "token: ", "bearer a", "https://a?", "a://b", "nvapi-", "-----BEGIN PRIVATE KEY"]
STARTS += [
    '"auth":"',
    "--token ",
    "aB3",
    "sk-",
    "eyJa.",
    "-----END PRIVATE KEY-----",
    "1" * 9 + ":",
    "login a ",
    "-u a",
]


@pytest.mark.parametrize("start", STARTS)
def test_no_text_takes_long(start):
    text = (start * 5000)[:4096]
    began = time.process_time()
    secret.hidden(text)
    assert time.process_time() - began < 0.05

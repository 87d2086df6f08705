"""Requests signed for Bedrock hold what AWS computes from the bytes it receives."""

import hashlib
import hmac
import sys
from urllib.parse import quote, unquote, urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headroom.errors import SettingsError
from headroom.proxy.signing import Signer, host_of, is_signed, region_of

HOST = "https://bedrock-runtime.eu-central-1.amazonaws.com"
SECRET = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
THEIRS = ("Authorization", "AWS4-HMAC-SHA256 Credential=OTHER/x, Signature=0")
BODY = '{"messages":[{"role":"user","content":[{"text":"é"}]}]}'.encode()
IDS = [
    "amazon.nova-lite-v1:0",
    "anthropic.claude-3-5-sonnet-20241022-v2%3A0",
    "us.anthropic.claude-sonnet-4-20250514-v1:0",
    "arn%3Aaws%3Abedrock%3Aus-east-1%3A123456789012%3Ainference-profile%2Fus.meta.llama3-1-70b",
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile%2Fabc123",
    "arn%3aaws%3abedrock%3aus-east-1%3a1%3aprompt%2fX%3a1",
    "model~with_all-of.them%20and%25more",
]


@pytest.fixture
def aws(monkeypatch, tmp_path):
    """A standard credential chain that ends in this test's environment."""
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_REGION", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_CONTAINER_CREDENTIALS_FULL_URI"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("BOTO_CONFIG", str(tmp_path / "boto"))
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    return monkeypatch


def found(headers, name):
    return [value for key, value in headers if key.lower() == name]


def expected(method, url, headers, body):
    """The signature as the specification of Signature Version 4 computes it from what arrives."""
    parts = urlsplit(url)
    scope = found(headers, "authorization")[0].split("Credential=")[1].split(",")[0]
    names = found(headers, "authorization")[0].split("SignedHeaders=")[1].split(",")[0].split(";")
    canonical = [
        method,
        quote(parts.path, safe="/-_.~"),
        "&".join(sorted(parts.query.split("&"))) if parts.query else "",
        *(f"{name}:{found(headers, name)[0].strip()}" for name in names),
        "",
        ";".join(names),
        hashlib.sha256(body).hexdigest(),
    ]
    digest = hashlib.sha256("\n".join(canonical).encode()).hexdigest()
    _, scope = scope.split("/", 1)
    to_sign = "\n".join(["AWS4-HMAC-SHA256", found(headers, "x-amz-date")[0], scope, digest])
    key = f"AWS4{SECRET}".encode()
    for step in (*scope.split("/"), to_sign):
        key = hmac.new(key, step.encode(), "sha256").digest()
    return key.hex()


def by_botocore(method, url, headers, body, region):
    """The signature that botocore's own signer makes of the same request at the same second."""
    auth = pytest.importorskip("botocore.auth", reason="needs the extra [bedrock]")
    from botocore.awsrequest import AWSRequest
    from botocore.credentials import ReadOnlyCredentials

    names = found(headers, "authorization")[0].split("SignedHeaders=")[1].split(",")[0].split(";")
    request = AWSRequest(method, url, {name: found(headers, name)[0] for name in names}, data=body)
    request.context["timestamp"] = found(headers, "x-amz-date")[0]
    signer = auth.SigV4Auth(ReadOnlyCredentials("AKIDEXAMPLE", SECRET, None), "bedrock", region)
    to_sign = signer.string_to_sign(request, signer.canonical_request(request))
    return signer.signature(to_sign, request)


def signature_of(headers):
    return found(headers, "authorization")[0].split("Signature=")[1]


@pytest.mark.parametrize("model", IDS)
@pytest.mark.parametrize("verb", ["converse", "invoke-with-response-stream"])
def test_the_url_is_signed_byte_for_byte_as_it_goes_out(aws, model, verb):
    url = f"{HOST}/model/{model}/{verb}"
    headers = Signer().signed("POST", url, [("Content-Type", "application/json"), THEIRS], BODY)
    assert signature_of(headers) == expected("POST", url, headers, BODY)
    assert signature_of(headers) == by_botocore("POST", url, headers, BODY, "eu-central-1")


@pytest.mark.parametrize("model", [one for one in IDS if "%25" not in one])
def test_what_boto3_would_send_gets_the_signature_that_boto3_gives_it(aws, model):
    boto3 = pytest.importorskip("boto3", reason="needs the extra [bedrock]")
    sent = []

    class Caught(Exception):
        pass

    def caught(request, **_):
        sent.append(request)
        raise Caught

    client = boto3.client("bedrock-runtime", region_name="eu-central-1")
    client.meta.events.register("before-send.bedrock-runtime.Converse", caught)
    turn = {"role": "user", "content": [{"text": "hi"}]}
    with pytest.raises(Caught):
        client.converse(modelId=unquote(model), messages=[turn])
    [request] = sent
    headers = [(name, _text(value)) for name, value in request.headers.items()]
    ours = Signer().signed("POST", request.url, headers, request.body)
    assert signature_of(ours) == expected("POST", request.url, ours, request.body)
    scope = "Credential=AKIDEXAMPLE/{}/eu-central-1/bedrock/aws4_request"
    for one in (headers, ours):
        day = found(one, "x-amz-date")[0][:8]
        assert scope.format(day) in found(one, "authorization")[0]


def _text(value):
    return value.decode() if isinstance(value, bytes) else value


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    model=st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1).map(
        lambda text: quote(text, safe=":")
    ),
    query=st.sampled_from(["", "?a=b", "?b=2&a=1%2F2", "?flag="]),
    body=st.binary(max_size=60),
)
def test_any_model_id_and_body_is_signed_as_the_specification_says(aws, model, query, body):
    model = model.replace(".", "x")  # dots alone would be a step in the path
    url = f"{HOST}/model/{model}/invoke{query}"
    headers = Signer().signed("POST", url, [THEIRS], body)
    assert signature_of(headers) == expected("POST", url, headers, body)


def test_the_clients_own_signature_is_dropped_and_all_else_kept(aws):
    client = [
        ("Host", "127.0.0.1:8787"),
        ("Content-Type", "application/json"),
        THEIRS,
        ("X-Amz-Date", "20200101T000000Z"),
        ("x-amz-security-token", "theirs"),
        ("x-amz-content-sha256", "0" * 64),
        ("X-Amzn-Bedrock-GuardrailIdentifier", "g1"),
        ("amz-sdk-request", "attempt=1"),
        ("User-Agent", "Boto3/1.40"),
    ]
    headers = Signer().signed("POST", f"{HOST}/model/m/converse", client, BODY)
    assert [name for name, _ in headers] == [
        "Host",
        "Content-Type",
        "X-Amzn-Bedrock-GuardrailIdentifier",
        "amz-sdk-request",
        "User-Agent",
        "X-Amz-Date",
        "Authorization",
    ]
    assert headers[0] == ("Host", "bedrock-runtime.eu-central-1.amazonaws.com")
    assert "OTHER" not in str(headers)
    assert "20200101" not in str(headers)
    assert "SignedHeaders=content-type;host;x-amz-date," in found(headers, "authorization")[0]


def test_session_credentials_bring_their_token(aws):
    aws.setenv("AWS_SESSION_TOKEN", "session-token")
    headers = Signer().signed("POST", f"{HOST}/model/m/converse", [THEIRS], BODY)
    assert found(headers, "x-amz-security-token") == ["session-token"]
    assert "x-amz-security-token" in found(headers, "authorization")[0]
    assert signature_of(headers) == expected("POST", f"{HOST}/model/m/converse", headers, BODY)


def test_a_profile_is_part_of_the_chain(aws, tmp_path):
    aws.delenv("AWS_ACCESS_KEY_ID")
    aws.delenv("AWS_SECRET_ACCESS_KEY")
    aws.setenv("AWS_PROFILE", "work")
    (tmp_path / "credentials").write_text(
        f"[work]\naws_access_key_id = AKIDWORK\naws_secret_access_key = {SECRET}\n"
    )
    (tmp_path / "config").write_text("[profile work]\nregion = ap-south-1\n")
    headers = Signer().signed("POST", "http://127.0.0.1:9/model/m/converse", [THEIRS], BODY)
    assert "AKIDWORK/" in found(headers, "authorization")[0]
    assert "/ap-south-1/bedrock/" in found(headers, "authorization")[0]


@pytest.mark.parametrize(
    "client",
    [
        [("authorization", "Bearer bedrock-api-key-abc"), ("x-amz-date", "kept")],
        [("Authorization", "Basic x")],
        [("X-Amz-Date", "20200101T000000Z")],
        [],
    ],
)
def test_the_proxys_credentials_are_lent_to_nobody_who_did_not_sign(aws, client):
    assert not is_signed(client)
    assert Signer().signed("POST", f"{HOST}/model/m/converse", client, BODY) == client


def test_a_bearer_key_needs_no_credentials(aws):
    aws.delenv("AWS_ACCESS_KEY_ID")
    client = [("authorization", "Bearer bedrock-api-key-abc")]
    assert Signer().signed("POST", f"{HOST}/model/m/converse", client, BODY) == client


@pytest.mark.parametrize(
    ("path", "is_ours"),
    [
        ("/model/m%2Fn/converse-stream", True),
        ("/model/m/invoke-with-bidirectional-stream", True),
        ("/guardrail/g/version/1/apply", True),
        ("/async-invoke", True),
        ("/", False),
        ("/foundation-models", False),
        ("/model/m/delete", False),
        ("/v1/messages", False),
        ("/model/m/converse/../../../x", False),
    ],
)
def test_only_what_the_runtime_does_is_signed(aws, path, is_ours):
    headers = Signer().signed("POST", HOST + path, [THEIRS], BODY)
    assert (THEIRS in headers) is not is_ours


@pytest.mark.parametrize(
    ("url", "region"),
    [
        (f"{HOST}/model/m/converse", "eu-central-1"),
        ("https://bedrock-runtime-fips.us-gov-west-1.amazonaws.com/", "us-gov-west-1"),
        ("https://bedrock-runtime.cn-north-1.amazonaws.com.cn/", "cn-north-1"),
        ("https://bedrock-runtime.us-west-2.api.aws/", "us-west-2"),
        ("https://vpce-1-2.bedrock-runtime.us-east-1.vpce.amazonaws.com/", "us-east-1"),
        ("http://127.0.0.1:9/model/bedrock-runtime.us-east-1.x", ""),
        ("https://my-bedrock-runtime.us-east-1.example/", ""),
    ],
)
def test_the_region_is_the_one_that_the_host_names(url, region):
    assert region_of(url) == region


def test_a_host_that_names_no_region_takes_the_given_one_then_that_of_the_chain(aws):
    url = "http://127.0.0.1:9/model/m/converse"
    aws.setenv("AWS_DEFAULT_REGION", "ca-central-1")
    given_one = Signer("sa-east-1").signed("POST", url, [THEIRS], BODY)
    assert "/sa-east-1/bedrock/" in found(given_one, "authorization")[0]
    from_chain = Signer().signed("POST", url, [THEIRS], BODY)
    assert "/ca-central-1/bedrock/" in found(from_chain, "authorization")[0]
    assert from_chain[0] == ("Host", "127.0.0.1:9")


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://A.example:443/x", "a.example"),
        ("https://a.example:80/x", "a.example:80"),
        ("http://a.example:80/x", "a.example"),
        ("http://[::1]:8000/x", "[::1]:8000"),
    ],
)
def test_the_host_header_says_what_the_connection_will(url, host):
    assert host_of(url) == host


def test_without_a_region_the_error_says_what_to_set(aws):
    with pytest.raises(SettingsError, match=r"no AWS region is known for 127.0.0.1:9: set AWS_REG"):
        Signer().signed("POST", "http://127.0.0.1:9/model/m/converse", [THEIRS], BODY)


def test_without_credentials_the_error_says_what_to_do_and_later_ones_are_found(aws):
    aws.delenv("AWS_ACCESS_KEY_ID")
    aws.delenv("AWS_SECRET_ACCESS_KEY")
    signer = Signer()
    with pytest.raises(SettingsError, match=r"no AWS credentials .* `aws configure`"):
        signer.signed("POST", f"{HOST}/model/m/converse", [THEIRS], BODY)
    aws.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    aws.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    assert found(signer.signed("POST", f"{HOST}/model/m/converse", [THEIRS], BODY), "authorization")


def test_a_chain_that_is_set_up_wrong_is_named(aws):
    aws.setenv("AWS_PROFILE", "nowhere")
    with pytest.raises(SettingsError, match=r"credentials cannot be had: .*nowhere"):
        Signer().signed("POST", f"{HOST}/model/m/converse", [THEIRS], BODY)


def test_without_botocore_the_error_names_the_extra(aws):
    aws.setitem(sys.modules, "botocore.auth", None)
    with pytest.raises(SettingsError, match=r"pip install 'headroom-ai\[bedrock\]'"):
        Signer().signed("POST", f"{HOST}/model/m/converse", [THEIRS], BODY)

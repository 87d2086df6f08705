import time

import pytest

from headroom.proxy.routes import Provider, recognise, upstream_url

ANTHROPIC, OPENAI, CHATGPT = Provider.ANTHROPIC, Provider.OPENAI, Provider.CHATGPT
GEMINI, BEDROCK = Provider.GEMINI, Provider.BEDROCK
CONVERSE = ("bedrock_converse",)
AZURE = "/openai/deployments/d"


@pytest.mark.parametrize(
    ("path", "provider", "upstream", "form", "project"),
    [
        ("/v1/messages", ANTHROPIC, "/v1/messages", "anthropic_messages", ""),
        ("/messages", ANTHROPIC, "/v1/messages", "anthropic_messages", ""),
        ("/v1/v1/messages", ANTHROPIC, "/v1/messages", "anthropic_messages", ""),
        ("/p/shop/v1/messages", ANTHROPIC, "/v1/messages", "anthropic_messages", "shop"),
        ("/team/a/v1/messages", ANTHROPIC, "/v1/messages", "anthropic_messages", "team/a"),
        ("/v1/messages/count_tokens", ANTHROPIC, "/v1/messages/count_tokens", "", ""),
        ("/v1/messages/batches/b1/results", ANTHROPIC, "/v1/messages/batches/b1/results", "", ""),
        ("/v1/chat/completions", OPENAI, "/v1/chat/completions", "openai_chat", ""),
        ("/chat/completions", OPENAI, "/v1/chat/completions", "openai_chat", ""),
        ("/v1/responses", OPENAI, "/v1/responses", "openai_responses", ""),
        ("/v1/responses/compact", OPENAI, "/v1/responses/compact", "openai_responses", ""),
        ("/v1/responses/resp_1", OPENAI, "/v1/responses/resp_1", "", ""),
        ("/v1/embeddings", OPENAI, "/v1/embeddings", "", ""),
        ("/p/shop/v1/embeddings", OPENAI, "/v1/embeddings", "", "shop"),
        ("/v1/files/f%2F1", OPENAI, "/v1/files/f%2F1", "", ""),
        (
            "/openai/deployments/my-gpt/chat/completions",
            OPENAI,
            "/openai/deployments/my-gpt/chat/completions",
            "openai_chat",
            "",
        ),
        (
            "/v1beta/models/gemini-2.5-pro:streamGenerateContent",
            GEMINI,
            "/v1beta/models/gemini-2.5-pro:streamGenerateContent",
            "gemini",
            "",
        ),
        ("/x/v1beta/models/g:countTokens", GEMINI, "/v1beta/models/g:countTokens", "", "x"),
        ("/v1beta/files", GEMINI, "/v1beta/files", "", ""),
        (
            "/model/eu.anthropic.claude-x%3A0/invoke",
            BEDROCK,
            "/model/eu.anthropic.claude-x%3A0/invoke",
            "anthropic_messages",
            "",
        ),
        (
            "/model/amazon.nova/converse",
            BEDROCK,
            "/model/amazon.nova/converse",
            "bedrock_converse",
            "",
        ),
        ("/model/amazon.nova/invoke", BEDROCK, "/model/amazon.nova/invoke", "", ""),
        ("/", OPENAI, "/", "", ""),
        ("/p/shop", OPENAI, "/", "", "shop"),
        ("/something/else", OPENAI, "/something/else", "", ""),
        ("/team/a/v1/v1/messages", ANTHROPIC, "/v1/messages", "anthropic_messages", "team/a"),
        ("//v1/messages", ANTHROPIC, "/v1/messages", "anthropic_messages", ""),
        ("/shop/v1/responses/resp_1", OPENAI, "/v1/responses/resp_1", "", "shop"),
        ("/shop/v1/models/org/m:7b", OPENAI, "/v1/models/org/m:7b", "", "shop"),
        ("/v1/models/m:latest", OPENAI, "/v1/models/m:latest", "", ""),
        ("/v1", OPENAI, "/v1", "", ""),
        ("/x/model/amazon.nova/converse", BEDROCK, "/model/amazon.nova/converse", *CONVERSE, "x"),
        ("/p/a/b/v1/messages", ANTHROPIC, "/v1/messages", "anthropic_messages", "a/b"),
        ("/p/a/threads/t1", OPENAI, "/threads/t1", "", "a"),
        (
            "/x/openai/v1/responses",
            OPENAI,
            "/openai/v1/responses",
            "openai_responses",
            "x",
        ),
        ("/x/v1beta/models", GEMINI, "/v1beta/models", "", "x"),
        ("/x/upload/v1beta/files", GEMINI, "/upload/v1beta/files", "", "x"),
    ],
)
def test_a_path_in_any_spelling_finds_its_api(path, provider, upstream, form, project):
    route = recognise(path, {})
    assert (route.provider, route.path, route.form, route.project) == (
        provider,
        upstream,
        form,
        project,
    )


@pytest.mark.parametrize(
    ("headers", "provider"),
    [
        ({"chatgpt-account-id": "a", "user-agent": "codex_exec/1"}, CHATGPT),
        ({"x-goog-api-key": "k"}, GEMINI),
        ({"anthropic-version": "2023-06-01"}, ANTHROPIC),
        ({"x-api-key": "k"}, ANTHROPIC),
        ({"user-agent": "claude-cli/2.1.330 (external, cli)"}, ANTHROPIC),
        ({"authorization": "AWS4-HMAC-SHA256 Credential=x"}, BEDROCK),
        ({"authorization": "Bearer sk"}, OPENAI),
    ],
)
def test_what_only_one_providers_clients_send_tells_whose_models_are_listed(headers, provider):
    assert recognise("/v1/models", headers).provider is provider
    assert recognise("/", headers).provider is provider


def test_a_chatgpt_login_goes_to_its_own_upstream():
    route = recognise("/v1/responses", {"chatgpt-account-id": "a"})
    base = "https://chatgpt.example/backend-api/codex"
    assert route.provider is CHATGPT
    assert upstream_url(base, route.provider, route.path, "") == f"{base}/responses"


def test_an_api_key_beside_other_providers_headers_does_not_move_a_chat_request():
    assert recognise("/v1/chat/completions", {"x-api-key": "k"}).provider is OPENAI


@pytest.mark.parametrize(
    ("base", "path", "query", "url"),
    [
        (
            "https://a.example",
            "/v1/messages",
            "beta=true",
            "https://a.example/v1/messages?beta=true",
        ),
        ("https://a.example/v1", "/v1/messages", "", "https://a.example/v1/messages"),
        (
            "https://r.example/api/v1/",
            "/v1/chat/completions",
            "",
            "https://r.example/api/v1/chat/completions",
        ),
        ("http://127.0.0.1:11434", "/v1/responses", "", "http://127.0.0.1:11434/v1/responses"),
        (
            "https://z.example/openai/deployments/d",
            "/v1/chat/completions",
            "api-version=1",
            "https://z.example/openai/deployments/d/chat/completions?api-version=1",
        ),
        ("https://g.example/x", "/v1/messages", "", "https://g.example/x/v1/messages"),
    ],
)
def test_an_upstreams_base_may_or_may_not_end_in_the_version(base, path, query, url):
    assert upstream_url(base, OPENAI, path, query) == url


def test_only_requests_that_a_model_answers_can_be_offered_the_tool():
    assert recognise("/v1/messages", {}).offers
    assert recognise("/v1/responses", {}).offers
    assert not recognise("/v1/responses/compact", {}).offers
    assert not recognise("/v1/messages/count_tokens", {}).offers


@pytest.mark.parametrize(
    "path",
    [
        "/threads/t1/messages",
        "/v1/threads/t1/messages",
        "/openai/threads/t1/messages",
        "/openai/v1/threads/t1/messages",
        "/openai/models",
        "/api/embeddings",
        "/api/chat",
        "/x/v1/files",
        "/v1x/messages",
        "/apis/apps/v1/deployments",
        "/completions/x",
        f"{AZURE}/audio/speech",
    ],
)
def test_a_path_that_is_not_known_goes_as_it_is_where_the_headers_say(path):
    headers = {"authorization": "Bearer sk", "user-agent": "OpenAI/Python"}
    route = recognise(path, headers)
    assert (route.provider, route.path, route.form, route.project) == (OPENAI, path, "", "")
    assert route.kind == "other"


@pytest.mark.parametrize("path", ["/upload/v1beta/files", "/download/v1beta/files/f:download"])
def test_files_of_gemini_go_there_as_they_are(path):
    route = recognise(path, {})
    assert (route.provider, route.path, route.project) == (GEMINI, path, "")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/v1/messages/batches/secret/results", "messages/batches"),
        ("/v1/messages/secret", "other"),
        ("/v1/responses/secret/cancel", "responses"),
        ("/v1/responses/compact", "responses/compact"),
        ("/v1/chat/completions/secret", "chat/completions"),
        ("/v1/models/secret", "models"),
        ("/v1/secret", "other"),
        ("/secret", "other"),
        (f"{AZURE}/secret", "other"),
        (f"{AZURE}/chat/completions", "chat/completions"),
        ("/v1beta/models/g:secret", "other"),
        ("/v1beta/models/g:countTokens", "countTokens"),
    ],
)
def test_what_is_asked_for_is_told_in_words_of_ours(path, kind):
    assert recognise(path, {}).kind == kind


@pytest.mark.parametrize(
    "part", ["/v1", "/v1/models", "/model/", "/model/x", "/openai/v1", "/v1/v1beta/", "//", "/p/"]
)
def test_a_long_path_is_read_in_no_time(part):
    begun = time.process_time()
    recognise("/x" + part * (120_000 // len(part)) + "/!", {})
    recognise(part * (120_000 // len(part)) + "/!", {})
    assert time.process_time() - begun < 1.0

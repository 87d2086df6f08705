"""The proxy's own paths: how it is, what it came to, compression and retrieval for any language."""

import json
import socket
import sqlite3

import pytest
from materials import FACT, log
from raw_upstream import answering, whole
from talking import PLAIN, sent

from headroom.stores import SqliteStore
from running import ask, proxied, rest_of


def asked(port: int, path: str, /, **said: object) -> tuple[int, dict]:
    """Status and answer of one of our own paths."""
    method = "POST" if said else "GET"
    line, _, body = ask(port, method, path, body=json.dumps(said).encode() if said else b"")
    return int(line.split()[1]), json.loads(body)


def conversation() -> list:
    call = {"type": "tool_use", "id": "t1", "name": "read_log", "input": {"name": "app"}}
    result = {"type": "tool_result", "tool_use_id": "t1", "content": log(lines=700)}
    return [
        {"role": "user", "content": "Did it start?"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": [result]},
    ]


def test_it_says_how_it_is_without_asking_upstream(given):
    upstream, proxy = given(whole())
    status, health = asked(proxy.port, "/health")
    assert (status, health["service"], health["status"]) == (200, "headroom", "ok")
    assert health["problems"] == []
    assert asked(proxy.port, "/ready") == (200, {"ready": True})
    assert upstream.requests == []


def test_stats_and_metrics_tell_of_the_requests_that_went_through(tmp_path):
    refused = whole(b"{}", status=b"429 Slow")
    usage = {"input_tokens": 11, "output_tokens": 7}
    answer = json.dumps({"type": "message", "model": "claude-x", "usage": usage}).encode()
    fine = whole(answer, b"content-type: application/json")
    with answering(fine, refused) as upstream, proxied(upstream.url, tmp_path) as proxy:
        sent(proxy.port, PLAIN)
        sent(proxy.port, PLAIN)
        _, stats = asked(proxy.port, "/stats")
        _, by_model = asked(proxy.port, "/stats?by=model&hours=1")
        _, _, metrics = ask(proxy.port, "GET", "/metrics")
    assert stats["requests"] == 2
    assert stats["usage"]["fresh"] == 11
    assert stats["usage"]["output"] == 7
    assert list(by_model["groups"]) == ["claude-x"]
    assert b'headroom_requests_total{provider="anthropic",status="200"} 1.0' in metrics
    assert b'headroom_requests_total{provider="anthropic",status="429"} 1.0' in metrics


@pytest.mark.parametrize("query", ["hours=x", "hours=nan", "hours=inf", "hours=-1", "by=colour"])
def test_stats_says_what_is_wrong_with_a_question(given, query):
    _, proxy = given(whole())
    status, said = asked(proxy.port, f"/stats?{query}")
    assert status == 400
    assert query.partition("=")[2] in said["error"]


def test_what_compress_omits_retrieve_gives_back(given):
    _, proxy = given(whole())
    status, done = asked(proxy.port, "/v1/compress", messages=conversation(), model="claude-x")
    assert status == 200
    assert done["original_tokens"] - done["compressed_tokens"] == done["saved_tokens"]
    assert done["savings_percent"] > 80
    assert FACT not in json.dumps(done["messages"])
    (edit,) = done["edits"]
    (ref,) = edit["refs"]
    assert ref in json.dumps(done["messages"])
    original = log(lines=700)
    assert asked(proxy.port, "/v1/retrieve", ref=ref) == (200, {"ref": ref, "text": original})
    _, part = asked(proxy.port, "/v1/retrieve", ref=ref, match="request 700413 ")
    assert FACT in part["text"]
    assert len(part["text"]) < 300


def test_an_original_of_one_project_is_not_another_ones(given):
    _, proxy = given(whole())
    _, done = asked(proxy.port, "/v1/compress", messages=conversation(), project="one")
    (ref,) = done["edits"][0]["refs"]
    assert asked(proxy.port, "/v1/retrieve", ref=ref, project="one")[0] == 200
    status, said = asked(proxy.port, "/v1/retrieve", ref=ref, project="two")
    assert status == 404
    assert ref in said["error"]


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/v1/compress", b"{", "not JSON"),
        ("/v1/compress", b"[1]", "JSON object"),
        ("/v1/compress", b"{}", "messages must be a list"),
        ("/v1/compress", b'{"messages":[],"model":7}', "model must be a text"),
        ("/v1/compress", b'{"messages":[],"policy":"odd"}', "unknown policy 'odd'"),
        ("/v1/compress", b"[" * 100_000, "not JSON"),
        ("/v1/retrieve", b"{}", "ref is missing"),
        ("/v1/retrieve", b'{"ref":1}', "ref must be a text"),
        ("/v1/retrieve", b'{"ref":"\xff"}', "not JSON"),
    ],
)
def test_a_wrong_question_is_answered_in_words(given, path, body, words):
    _, proxy = given(whole())
    line, _, said = ask(proxy.port, "POST", path, body=body)
    assert line.split()[1] == b"400"
    assert words in json.loads(said)["error"]


@pytest.mark.parametrize("ref", ["k1234567", "../../etc/passwd", "\x00", "k" * 9_999])
def test_an_original_that_does_not_exist_is_said_not_to(given, ref):
    _, proxy = given(whole())
    status, said = asked(proxy.port, "/v1/retrieve", ref=ref)
    assert status == 404
    assert "no original" in said["error"]


@pytest.mark.parametrize("selector", [{"match": "("}, {"lines": "x-y"}, {"path": "$["}])
def test_a_selector_that_selects_nothing_meaningful_is_said_to(given, selector):
    _, proxy = given(whole())
    _, done = asked(proxy.port, "/v1/compress", messages=conversation())
    (ref,) = done["edits"][0]["refs"]
    status, said = asked(proxy.port, "/v1/retrieve", ref=ref, **selector)
    assert status == 400
    assert said["error"]


def test_a_body_for_us_that_is_too_large_is_refused(tmp_path):
    body = b'{"messages":[],"padding":"' + b"x" * 3_000_000 + b'"}'
    with answering(whole()) as upstream, proxied(upstream.url, tmp_path, max_body_mb=1) as proxy:
        line, _, said = ask(proxy.port, "POST", "/v1/compress", body=body)
    assert line.split()[1] == b"413"
    assert "1,000,000 bytes" in json.loads(said)["error"]


def test_a_client_that_never_ends_its_body_for_us_is_let_go(tmp_path):
    head = b"POST /v1/compress HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{"
    with (
        answering(whole()) as upstream,
        proxied(upstream.url, tmp_path, body_seconds=0.2) as proxy,
        socket.create_connection(("127.0.0.1", proxy.port), 30) as client,
    ):
        client.sendall(head)
        assert rest_of(client) == b""


def test_what_compress_gives_back_is_the_programs_own_bytes_but_for_the_edits(given):
    _, proxy = given(whole())
    odd = '{"role":"user","id":18446744073709551617,"at":1.10e2, "x":0.1000000000000000055,"x":1}'
    odd = f"[{odd}, {json.dumps(conversation()[1])},{json.dumps(conversation()[2])} ]"
    _, _, said = ask(proxy.port, "POST", "/v1/compress", body=f'{{"messages": {odd}}}'.encode())
    begun, _, _ = odd.partition("request 7")
    begun, _, _ = begun.rpartition('"content": ')
    assert said.startswith(f'{{"messages":{begun}'.encode())
    assert json.loads(said)["savings_percent"] > 80
    short = '[{"role":"user","id":18446744073709551617,"content":"\\ud800 hi"} ]'
    _, _, said = ask(proxy.port, "POST", "/v1/compress", body=f'{{"messages":{short}}}'.encode())
    assert said.startswith(f'{{"messages":{short},"original_tokens":'.encode())


def test_compress_goes_by_the_settings_of_the_process(tmp_path, monkeypatch):
    (tmp_path / "own.toml").write_text('[tools."read_log"]\nrule = "exclude"\n')
    with answering(whole()) as upstream, proxied(upstream.url, tmp_path) as proxy:
        monkeypatch.setenv("HEADROOM_HOME", str(tmp_path / "elsewhere"))
        _, own = asked(proxy.port, "/v1/compress", messages=conversation())
        _, other = asked(proxy.port, "/v1/compress", messages=conversation(), policy="aggressive")
    assert own["edits"] == other["edits"] == []
    assert not (tmp_path / "elsewhere").exists()


def test_what_compress_decided_holds_for_requests_of_the_project(given):
    upstream, proxy = given(whole())
    _, done = asked(proxy.port, "/v1/compress", messages=conversation(), project="shop")
    body = {"model": "claude-x", "messages": conversation(), "tools": [{"name": "read_log"}]}
    ask(proxy.port, "POST", "/p/shop/v1/messages", body=json.dumps(body).encode())
    (heard,) = upstream.requests
    sent = json.loads(heard.body)["messages"][2]["content"][0]["content"]
    assert sent == done["messages"][2]["content"][0]["content"]
    assert FACT not in sent


def test_another_policy_may_be_asked_for(given):
    _, proxy = given(whole())
    _, done = asked(proxy.port, "/v1/compress", messages=conversation(), policy="safe")
    assert all(edit["refs"] == [] for edit in done["edits"])
    assert FACT in json.dumps(done["messages"])


def test_without_a_usable_store_a_program_is_refused_and_gets_nobody_elses(tmp_path, monkeypatch):
    elsewhere = tmp_path / "elsewhere"
    monkeypatch.setenv("HEADROOM_HOME", str(elsewhere))
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "store.db").write_bytes(b"no database at all" * 100)
    other = SqliteStore(elsewhere)
    (ref,) = other.put([b"of another scope"])
    other.close()
    with answering(whole()) as upstream, proxied(upstream.url, tmp_path) as proxy:
        for path, said in {
            "/v1/compress": {"messages": conversation()},
            "/v1/retrieve": {"ref": ref},
        }.items():
            status, answer = asked(proxy.port, path, **said)
            assert (status, "store" in answer["error"]) == (503, True)
        asked(proxy.port, "/v1/retrieve", ref=ref, project="two")
        _, health = asked(proxy.port, "/health")
    assert health["status"] == "degraded"
    assert health["problems"][0].startswith("no store")
    assert health["problems"][1].startswith("project 'two': no store")


def test_health_tells_of_decisions_that_could_not_be_kept(tmp_path):
    with answering(whole()) as upstream, proxied(upstream.url, tmp_path) as proxy:
        asked(proxy.port, "/v1/compress", messages=conversation(), project="shop")
        tamper = sqlite3.connect(tmp_path / "home" / "store.db")
        with tamper:
            tamper.execute("DROP TABLE settled")
        tamper.close()
        messages = [*conversation(), {"role": "user", "content": "Well?"}]
        messages[0]["content"] = "Another one?"
        assert asked(proxy.port, "/v1/compress", messages=messages, project="shop")[0] == 200
        _, health = asked(proxy.port, "/health")
    (problem,) = health["problems"]
    assert problem.startswith("project 'shop': the store refused")
    assert "settled" in problem


def test_an_original_that_is_no_unicode_is_given_back(given, tmp_path):
    _, proxy = given(whole())
    store = SqliteStore(proxy.settings.home, scope=proxy.settings.project)
    (ref,) = store.put([b"half \xed\xa0\x80"])
    store.close()
    assert asked(proxy.port, "/v1/retrieve", ref=ref)[1]["text"] == "half \ud800"

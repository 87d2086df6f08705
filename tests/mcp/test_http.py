import asyncio
import http.client
import json

import pytest
from mcp.client.client import Client
from serving import MODES, over_http, use_all

LIST = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/list"})
TOKEN = "sesame-sesame-sesame"


def status(port, **headers):
    """What a request with these headers gets."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    own = {"content-type": "application/json", "accept": "application/json, text/event-stream"}
    own |= {name.replace("_", "-"): said for name, said in headers.items()}
    connection.request("POST", "/mcp", LIST, own)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer.status


def test_the_official_client_lists_and_calls_every_tool(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    async def talk(url, mode):
        async with Client(url, mode=mode) as client:
            await use_all(client, tmp_path)

    with over_http() as (process, port, announced):
        assert announced == f"headroom mcp on http://127.0.0.1:{port}/mcp\n"
        for mode in MODES:
            asyncio.run(talk(f"http://127.0.0.1:{port}/mcp", mode))
        process.terminate()
        assert process.wait(30) in (0, 1)
        assert process.stderr.read() == ""


def test_web_pages_and_foreign_names_are_refused():
    with over_http() as (_, port, _):
        assert status(port) == 200
        assert status(port, host=f"localhost:{port}") == 200
        assert status(port, host="localhost") == 200
        assert status(port, host="evil.example") == 421
        assert status(port, host=f"127.0.0.1.evil.example:{port}") == 421
        assert status(port, origin="http://evil.example") == 403
        assert status(port, origin="http://localhost.evil.example:80") == 403
        assert status(port, origin="null") == 403


def test_a_name_that_the_user_allowed_may_call(monkeypatch):
    monkeypatch.setenv("HEADROOM_ALLOWED_HOSTS", "box.internal")
    with over_http() as (_, port, _):
        assert status(port, host="box.internal") == 200
        assert status(port, host="evil.example") == 421


@pytest.fixture
def with_token(monkeypatch):
    monkeypatch.setenv("HEADROOM_PROXY_TOKEN", TOKEN)
    with over_http("--host", "0.0.0.0") as (_, port, announced):
        assert announced.endswith(", with the token\n")
        yield port


def test_with_a_token_only_its_holder_may_call_and_by_any_name(with_token, tmp_path):
    assert status(with_token) == 401
    assert status(with_token, x_headroom_token="sesame") == 401
    assert status(with_token, authorization="Bearer \xe9") == 401
    assert status(with_token, authorization=f"Basic {TOKEN}") == 401
    assert status(with_token, x_headroom_token=TOKEN, host="box.example") == 200
    assert status(with_token, authorization=f"Bearer {TOKEN}") == 200
    assert status(with_token, authorization=f"Bearer {TOKEN}", origin="http://evil.example") == 403

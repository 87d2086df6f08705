import asyncio
import json
import signal
import subprocess
import sys

import pytest
from mcp.client.client import Client
from serving import COMMAND, MODES, over_stdio, said, use_all

from headroom import settings
from headroom.mcp.definitions import INSTRUCTIONS
from headroom.mcp.roots import Roots
from headroom.mcp.server import create_server
from headroom.mcp.tools import Tools

HELLO = {
    "protocolVersion": "2025-06-18",
    "capabilities": {},
    "clientInfo": {"name": "test", "version": "1"},
}


def line(number, method, params):
    sent = {"jsonrpc": "2.0", "id": number, "method": method, "params": params}
    return json.dumps(sent).encode() + b"\n"


@pytest.mark.parametrize("mode", MODES)
def test_the_official_client_lists_and_calls_every_tool(mode, tmp_path):
    async def talk():
        async with over_stdio(mode, tmp_path) as client:
            assert client.server_info.name == "headroom"
            assert client.instructions == INSTRUCTIONS
            await use_all(client, tmp_path)

    asyncio.run(talk())


def in_process(folder, talk):
    """`talk` with a client of a server in this process."""
    tools = Tools(settings.load(), Roots([folder]))

    async def connected():
        async with Client(create_server(lambda: tools)) as client:
            await talk(client)

    asyncio.run(connected())


def test_bytes_that_are_no_text_reach_the_client_as_signs(tmp_path):
    (tmp_path / "latin.txt").write_bytes(b"caf\xe9\n")

    async def talk(client):
        text = await said(client, "headroom_compress", {"file": "latin.txt"})
        assert text.startswith("caf\ufffd\n")

    in_process(tmp_path, talk)


def test_calls_at_the_same_time_are_all_answered(tmp_path):
    async def talk(client):
        calls = [said(client, "headroom_compress", {"text": f"{n}\n"}) for n in range(20)]
        answers = await asyncio.gather(*calls)
        assert [answer.split("\n")[0] for answer in answers] == [str(n) for n in range(20)]

    in_process(tmp_path, talk)


def test_it_ends_with_its_input_and_hostile_lines_end_nothing():
    sent = line(1, "initialize", HELLO) + b"no json\n\xff\xfe\n[]\n\n"
    sent += line(2, "tools/call", {"name": "headroom_stats", "arguments": ["hours"]})
    sent += line(3, "tools/call", {"name": "headroom_compress", "arguments": {"file": "a\0b"}})
    sent += line(4, "tools/call", {"name": "headroom_stats"})
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdin.write(sent)
        process.stdin.flush()
        answers = [json.loads(process.stdout.readline()) for _ in range(4)]
        process.stdin.close()
        assert process.wait(30) == 0
        assert b"Traceback" not in process.stderr.read()
    results = {answer["id"]: answer.get("result") for answer in answers}
    assert results[1]["protocolVersion"] == "2025-06-18"
    assert results[2] is None
    assert results[3]["isError"]
    assert not results[4]["isError"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no signal for one process alone")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_at_once_though_its_input_is_open(number):
    with subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        process.stdin.write(line(1, "initialize", HELLO))
        process.stdin.flush()
        assert process.stdout.readline()
        process.send_signal(number)
        assert process.wait(30) == -number
        assert process.stderr.read() == b""

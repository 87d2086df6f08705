"""The official SDK on both sides, the wrapper in between, in real processes."""

import asyncio
import os
import sys
from pathlib import Path

import pytest

from mcp_wrap.test_wrap_editing import refs_in
from mcp_wrap.wrapped import COMMAND, PATIENCE

sdk = pytest.importorskip("mcp", reason="the extra [mcp] is not installed")
SERVER = [sys.executable, str(Path(__file__).parent / "sdk_server.py")]
MODES = ("legacy", "auto")


def client(mode, command):
    environ = {name: text for name, text in os.environ.items() if name.startswith("HEADROOM_")}
    started = sdk.StdioServerParameters(command=command[0], args=command[1:], env=environ)
    return sdk.Client(started, mode=mode, read_timeout_seconds=PATIENCE)


@pytest.mark.parametrize("mode", MODES)
def test_tools_and_schemas_are_the_servers_and_ours_joins_them(mode):
    async def listed(command):
        async with client(mode, command) as connected:
            tools = (await connected.list_tools()).tools
            return connected.protocol_version, [tool.model_dump() for tool in tools]

    version, bare = asyncio.run(listed(SERVER))
    same_version, wrapped = asyncio.run(listed([*COMMAND, "--", *SERVER]))
    assert version == same_version
    assert wrapped[:-1] == bare
    assert wrapped[-1]["name"] == "headroom_retrieve"


@pytest.mark.parametrize("mode", MODES)
def test_results_are_shorter_and_their_originals_come_back(mode):
    async def told():
        seen = []

        async def progress(*said):
            seen.append(said)

        async with client(mode, [*COMMAND, "--", *SERVER]) as connected:
            await connected.list_tools()
            rows = await connected.call_tool(
                "list_issues", {"repository": "shop"}, progress_callback=progress
            )
            log = await connected.call_tool("read_log", {"day": "today"})
            (ref,) = set(refs_in(log.content[0].text))
            original = await connected.call_tool("headroom_retrieve", {"ref": ref})
            failed = await connected.call_tool("fail", {})
            return seen, rows, log, original, failed

    seen, rows, log, original, failed = asyncio.run(told())
    assert seen == [(1, 2, "half")]
    assert rows.structured_content["result"][299]["number"] == 299
    assert "no such queue: orders-7" in log.content[0].text
    assert len(log.content[0].text) < len(original.content[0].text) / 10
    assert original.content[0].text.count("\n") == 1_999
    assert failed.is_error
    assert "no such issue: 77" in failed.content[0].text

"""The real command as a subprocess, and the official SDK's client to talk to it."""

import os
import socket
import subprocess
import sys
from contextlib import asynccontextmanager, contextmanager

from mcp.client.client import Client
from mcp.client.stdio import StdioServerParameters, stdio_client

COMMAND = (sys.executable, "-m", "headroom", "mcp", "serve")
LOG = "".join(f"2026-03-01 10:00:{n % 60:02} INFO http: request {n} done\n" for n in range(3_000))
MODES = ("auto", "legacy")
"""The protocol of 2026, and the handshake of those before it."""


@asynccontextmanager
async def over_stdio(mode, folder):
    """A client, and what the server says on stderr once it has ended."""
    with open(folder / "stderr.txt", "w+") as said:
        command = StdioServerParameters(
            command=COMMAND[0], args=list(COMMAND[1:]), env=dict(os.environ), cwd=folder
        )
        async with Client(stdio_client(command, errlog=said), mode=mode) as client:
            yield client
        said.seek(0)
        assert said.read() == ""


@contextmanager
def over_http(*arguments):
    """The process, its port, and the line that it has announced itself with."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [*COMMAND, "--http", "--port", str(port), *arguments]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process, port, process.stderr.readline()
        finally:
            process.terminate()


async def use_all(client, folder):
    """Lists the tools and calls each, as an agent would."""
    tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert list(tools) == ["headroom_retrieve", "headroom_compress", "headroom_stats"]
    assert all(tool.meta == {"anthropic/alwaysLoad": True} for tool in tools.values())
    reading = [name for name, tool in tools.items() if tool.annotations.read_only_hint]
    assert reading == ["headroom_retrieve", "headroom_stats"]

    (folder / "app.log").write_text(LOG)
    for arguments in ({"text": LOG}, {"file": "app.log", "query": "request 1777 done"}):
        shorter = await said(client, "headroom_compress", arguments)
        assert len(shorter) * 10 < len(LOG)
        ref = shorter.rpartition('headroom_retrieve("')[2].partition('"')[0]
        assert await said(client, "headroom_retrieve", {"ref": ref}) == LOG
    assert (await said(client, "headroom_stats", {"hours": 1})).startswith("No request")

    for name, arguments in (
        ("headroom_retrieve", {"ref": "zzzzzzzz"}),
        ("headroom_compress", {"file": "/etc/hosts"}),
        ("headroom_forget", {}),
    ):
        answer = await client.call_tool(name, arguments)
        assert answer.is_error
        assert "Traceback" not in answer.content[0].text


async def said(client, tool, arguments):
    """The one text of an answer that did not fail."""
    answer = await client.call_tool(tool, arguments)
    (content,) = answer.content
    assert not answer.is_error, content.text
    return content.text

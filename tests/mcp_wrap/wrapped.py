"""The real command around the scripted server, spoken to line by line."""

import json
import queue
import subprocess
import sys
import threading
from pathlib import Path

SERVER = Path(__file__).parent / "scripted_server.py"
COMMAND = [sys.executable, "-m", "headroom", "mcp", "wrap"]
PATIENCE = 20


class Wrapped:
    """One connection. What the server was sent is in `received`."""

    def __init__(self, tmp_path, *flags, command=None, **options):
        self._record = tmp_path / "received"
        server = [sys.executable, str(SERVER), str(self._record), json.dumps(options)]
        self.process = subprocess.Popen(
            [*COMMAND, *flags, "--", *(command or server)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        self._lines = queue.Queue()
        self._stderr = queue.Queue()
        for stream, into in (
            (self.process.stdout, self._lines),
            (self.process.stderr, self._stderr),
        ):
            threading.Thread(target=_read, args=(stream, into), daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    @property
    def received(self):
        return self._record.read_bytes()

    def send(self, said):
        line = said if isinstance(said, bytes) else json.dumps(said).encode() + b"\n"
        self.process.stdin.write(line)
        self.process.stdin.flush()
        return line

    def ask(self, number, method, **params):
        return self.send({"jsonrpc": "2.0", "id": number, "method": method, "params": params})

    def call(self, number, tool, **arguments):
        return self.ask(number, "tools/call", name=tool, arguments=arguments)

    def line(self):
        """The next line; None once stdout has ended."""
        line = self._lines.get(timeout=PATIENCE)
        if line is None:
            self._lines.put(None)
        return line

    def answer(self):
        return json.loads(self.line())

    def offered(self):
        """What the client sees of the tools, asked for as clients do."""
        self.ask("init", "initialize")
        self.line()
        self.ask("list", "tools/list")
        return self.answer()["result"]["tools"]

    def end(self):
        """Close stdin, wait; the exit code, what was left on stdout, and stderr."""
        if not self.process.stdin.closed:
            self.process.stdin.close()
        return self.wait()

    def wait(self):
        code = self.process.wait(PATIENCE)
        return code, _rest(self._lines), _rest(self._stderr).decode()


def _read(stream, into):
    with stream:
        for line in stream:
            into.put(line)
    into.put(None)


def _rest(lines):
    found = []
    while (line := lines.get(timeout=PATIENCE)) is not None:
        found.append(line)
    lines.put(None)
    return b"".join(found)


def text_of(answer):
    return answer["result"]["content"][0]["text"]

"""The command as a client meets it: a real process around a real server."""

import contextlib
import json
import signal
import subprocess
import sys

import pytest

from headroom.decision import LEAST
from headroom.mcp.wrapping import SHORT
from mcp_wrap.scripted_server import LIST, ROWS
from mcp_wrap.test_wrap_editing import LOG, refs_in
from mcp_wrap.wrapped import COMMAND, PATIENCE, Wrapped, text_of

POSIX = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signals")
ODD = [
    b'{"jsonrpc": "2.0",  "method":"notifications/initialized"}\r\n',
    b"\n",
    b"not json\n",
    b"\xff\xfe\x00 tools/call\n",
    b'[{"jsonrpc":"2.0","id":1,"method":"tools/list"}]\n',
    b'{"id":1,"id":2,"method":"prompts/list"}\n',
    b'{"id":7,"result":{"roots":[]}}\n',
    b"[" * 5_000 + b'"tools/call"' + b"]" * 5_000 + b"\n",
]


def test_what_a_text_must_have_to_be_looked_at_is_said_alike():
    assert SHORT == LEAST


def test_lines_of_the_client_reach_the_server_byte_for_byte(tmp_path):
    with Wrapped(tmp_path) as wrapped:
        sent = b"".join(wrapped.send(line) for line in ODD)
        sent += wrapped.ask(1, "tools/list") + wrapped.call(2, "rows", why="not")
        sent += wrapped.send(b"no line end")
        assert wrapped.end()[0] == 0
    assert wrapped.received == sent


def test_lines_of_the_server_reach_the_client_byte_for_byte(tmp_path):
    lines = [
        '{"jsonrpc": "2.0",  "method":"notifications/progress","params":{"progressToken":1}}\r\n',
        "\n",
        "a stray print\n",
        "\xff\xfe\x00\n",
        '[{"jsonrpc":"2.0","id":ID,"result":{"content":[]}}]\n',
        '{"id":"s1","method":"sampling/createMessage","params":{"messages":[]}}\n',
        '{"id":ID,"error":{"code":-32602,"message":"no"}}\n',
        '{"id":ID,"result":{"content":[{"type":"text","text":"late"}]}}\n',
        "[" * 5_000 + "]" * 5_000 + "\n",
        '{"id":5, "result":{"content":[{"type":"text","text":"%s"}]}}\n' % ("x " * 500),
        "no line end",
    ]
    with Wrapped(tmp_path) as wrapped:
        wrapped.call(3, "raw", lines=lines)
        code, rest, _ = wrapped.end()
    assert rest == "".join(lines).replace("ID", "3").encode("latin-1")
    assert code == 0


def test_tools_are_listed_with_ours_and_the_servers_own_bytes(tmp_path):
    with Wrapped(tmp_path) as wrapped:
        wrapped.ask("a", "tools/list")
        said = wrapped.line()
    before, behind = (LIST % ("", '"a"')).encode().split(b" ]")
    assert said.startswith(before)
    assert said.endswith(b"]" + behind)
    assert [tool["name"] for tool in json.loads(said)["result"]["tools"]] == [
        "rows",
        "headroom_retrieve",
    ]


def test_our_tool_stands_on_the_last_page_only(tmp_path):
    with Wrapped(tmp_path, pages=True) as wrapped:
        wrapped.ask(1, "tools/list")
        assert wrapped.line() == (LIST % (', "nextCursor":"2"', "1")).encode()
        wrapped.ask(2, "tools/list", cursor="2")
        assert len(wrapped.answer()["result"]["tools"]) == 2


def test_a_result_is_shortened_and_its_original_comes_back_without_the_server(tmp_path):
    with Wrapped(tmp_path) as wrapped:
        wrapped.offered()
        wrapped.call(7, "rows")
        said = wrapped.answer()
        (ref,) = set(refs_in(text_of(said)))
        assert len(text_of(said)) < len(ROWS) / 3
        assert said["result"]["structuredContent"] == {"rows": ROWS}
        wrapped.call("seven", "headroom_retrieve", ref=ref)
        back = wrapped.answer()
        assert (back["id"], text_of(back)) == ("seven", ROWS)
        wrapped.call(8, "headroom_retrieve", ref="aaaaaaaa")
        assert "aaaaaaaa" in text_of(wrapped.answer())
        code, rest, stderr = wrapped.end()
    assert b"headroom_retrieve" not in wrapped.received
    assert (code, rest) == (0, b"")
    assert stderr.startswith("headroom mcp wrap: 1 of 1 results shortened, ")


def test_the_same_call_reads_the_same_in_another_process(tmp_path):
    said = []
    for _ in range(2):
        with Wrapped(tmp_path) as wrapped:
            wrapped.offered()
            wrapped.call(7, "rows")
            said.append(wrapped.line())
    assert said[0] == said[1]
    assert refs_in(text_of(json.loads(said[0])))


def test_without_retrieval_nothing_is_offered_answered_or_omitted(tmp_path):
    with Wrapped(tmp_path, "--no-retrieval") as wrapped:
        assert [tool["name"] for tool in wrapped.offered()] == ["rows"]
        wrapped.call(1, "rows")
        text = text_of(wrapped.answer())
        assert refs_in(text) == []
        assert len(text) < len(ROWS) * 0.8
        wrapped.call(2, "headroom_retrieve", ref="aaaaaaaa")
        assert text_of(wrapped.answer()) == "the server's own"


def test_a_server_with_a_tool_of_our_name_answers_it_itself(tmp_path):
    with Wrapped(tmp_path, own=True) as wrapped:
        assert [tool["name"] for tool in wrapped.offered()] == ["headroom_retrieve"]
        wrapped.call(1, "headroom_retrieve", ref="aaaaaaaa")
        assert text_of(wrapped.answer()) == "the server's own"


def test_a_server_without_tools_gets_none(tmp_path):
    with Wrapped(tmp_path, toolless=True) as wrapped:
        assert [tool["name"] for tool in wrapped.offered()] == ["rows"]


def test_other_lines_do_not_wait_for_a_result_that_is_being_decided(tmp_path):
    """The answer may be overtaken, its progress not: that came before and stays before."""
    progress = '{"method":"notifications/progress","params":{"progressToken":ID}}\n'
    text = json.dumps(LOG * 20)
    slow = '{"id":ID,"result":{"content":[{"type":"text","text":' + text + "}]}}\n"
    quick = '{"id":99,"method":"roots/list"}\n'
    with Wrapped(tmp_path) as wrapped:
        wrapped.offered()
        wrapped.call(3, "raw", lines=[progress + slow + quick])
        said = [wrapped.answer() for _ in range(3)]
    assert said[0]["method"] == "notifications/progress"
    assert said[1]["method"] == "roots/list"
    assert said[2]["id"] == 3
    assert len(text_of(said[2])) < len(text) / 4


def test_many_results_at_once_come_each_under_its_id(tmp_path):
    with Wrapped(tmp_path) as wrapped:
        wrapped.offered()
        for number in range(30):
            wrapped.call(number, "text", text=f"result {number}\n{LOG}")
        said = {answer["id"]: text_of(answer) for answer in (wrapped.answer() for _ in range(30))}
    assert sorted(said) == list(range(30))
    assert all(f"result {number}\n" in text for number, text in said.items())


def test_a_cancelled_call_is_left_alone(tmp_path):
    line = '{"id":3,"result":{"content":[{"type":"text","text":' + json.dumps(ROWS) + "}]}}\n"
    with Wrapped(tmp_path) as wrapped:
        wrapped.offered()
        wrapped.call(3, "nothing")
        wrapped.send({"method": "notifications/cancelled", "params": {"requestId": 3}})
        wrapped.call(4, "raw", lines=[line])
        assert wrapped.line() == line.encode()
    assert b"notifications/cancelled" in wrapped.received


def test_a_line_that_is_too_long_passes_unread(tmp_path):
    with Wrapped(tmp_path) as wrapped:
        wrapped.call(1, "huge", megabytes=34)
        said = wrapped.line()
        wrapped.ask(2, "tools/list")
        assert wrapped.answer()["id"] == 2
    assert text_of(json.loads(said)) == "abcdefghij" * 100_000 * 34


def test_a_server_that_dies_within_an_answer_is_passed_on_as_it_fell(tmp_path):
    with Wrapped(tmp_path) as wrapped:
        wrapped.call(1, "die", code=3, last='{"id":1,"result":{"con')
        assert wrapped.wait()[:2] == (3, b'{"id":1,"result":{"con')


def test_results_that_are_being_decided_when_the_server_dies_still_come(tmp_path):
    with Wrapped(tmp_path) as wrapped:
        wrapped.call(1, "rows")
        wrapped.call(2, "die", code=3, last='{"id":2,"re')
        code, rest, _ = wrapped.wait()
    torn, answer, end = rest.split(b"\n")
    assert (code, torn, end) == (3, b'{"id":2,"re', b"")
    assert json.loads(answer)["id"] == 1


@pytest.mark.parametrize("code", [0, 1, 77])
def test_the_end_of_stdin_and_the_exit_code_are_passed_on(tmp_path, code):
    with Wrapped(tmp_path, code=code) as wrapped:
        wrapped.ask(1, "initialize")
        wrapped.line()
        assert wrapped.end()[0] == code


def test_the_end_of_the_servers_stdout_is_passed_on_while_it_lives(tmp_path):
    with Wrapped(tmp_path, code=5) as wrapped:
        wrapped.call(1, "close")
        assert wrapped.line() is None
        assert wrapped.process.poll() is None
        assert wrapped.end()[0] == 5


@POSIX
def test_a_signal_is_the_servers_to_handle(tmp_path):
    with Wrapped(tmp_path) as wrapped:
        wrapped.offered()
        wrapped.process.send_signal(signal.SIGTERM)
        assert wrapped.wait()[0] == 40


@POSIX
def test_a_server_that_is_killed_is_told_by_the_exit_code(tmp_path):
    with Wrapped(tmp_path) as wrapped:
        wrapped.call(1, "killed")
        assert wrapped.wait()[0] == 128 + signal.SIGKILL


def test_a_client_that_stops_reading_ends_the_server():
    server = [sys.executable, "-c", "import sys\nwhile True: print('x' * 999, flush=True)"]
    process = subprocess.Popen(
        [*COMMAND, "--", *server],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    process.stdout.read(5_000)
    process.stdout.close()
    stderr = process.stderr.read()
    assert process.wait(PATIENCE) != 0
    assert b"BrokenPipeError" in stderr
    process.stderr.close()
    with contextlib.suppress(OSError):
        process.stdin.close()


def test_a_command_that_cannot_be_started_is_one_line(tmp_path):
    with Wrapped(tmp_path, command=["no-such-server", "--flag"]) as wrapped:
        code, rest, stderr = wrapped.wait()
    assert (code, rest) == (1, b"")
    assert "cannot start no-such-server: No such file" in " ".join(stderr.split())


def test_options_behind_the_command_are_the_servers(tmp_path):
    shown = ["-c", "import sys; print(*sys.argv[1:])", "--policy", "x", "--help"]
    process = subprocess.run(
        [*COMMAND, sys.executable, *shown],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        timeout=PATIENCE,
    )
    assert process.stdout.split() == [b"--policy", b"x", b"--help"]


def test_settings_that_cannot_be_read_cost_no_connection(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADROOM_POLICY", "brave")
    with Wrapped(tmp_path) as wrapped:
        assert [tool["name"] for tool in wrapped.offered()] == ["rows"]
        wrapped.call(1, "rows")
        assert text_of(wrapped.answer()) == ROWS
        _, _, stderr = wrapped.end()
    assert stderr.count("HEADROOM_POLICY") == 1

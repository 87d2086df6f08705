"""What becomes of answers: edits inside of texts, one tool more, and nothing else."""

import json
import re
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from headroom.library import disk_store
from headroom.mcp.wrap_editing import Saved, opened
from headroom.mcp.wrap_requests import CALL, Asked
from mcp_wrap.scripted_server import ROWS

LISTED = b'{"id":2 , "result":{"tools":[ {"name":"rows", "x":1.50} ],"_meta":{"a":"\\u00e9"}}}\r\n'
LOG = "\n".join(
    f"2026-03-01 10:{n // 60:02}:{n % 60:02} INFO worker {n % 5} polled the queue in {n % 7} ms"
    for n in range(900)
)


@pytest.fixture
def said():
    return []


@pytest.fixture
def editing(said):
    made = opened({}, said.append)
    made.warm()
    made.listed(LISTED, theirs=False)
    yield made
    made.close()


def ready(said, **flags):
    made = opened(flags, said.append)
    made.warm()
    return made


def result(*texts, **more):
    content = [{"type": "text", "text": text} for text in texts]
    return json.dumps({"id": 1, "result": {"content": content, **more}}).encode() + b"\n"


def asked(tool="rows", **arguments):
    return Asked(1, CALL, tool, arguments)


def shown(line):
    return [part["text"] for part in json.loads(line)["result"]["content"]]


def refs_in(text):
    return re.findall(r'headroom_retrieve\("(\w+)"', text)


def test_our_tool_is_put_behind_the_servers_whose_bytes_stay(editing):
    made = editing.listed(LISTED, theirs=False)
    start, end = LISTED.index(b" ]"), LISTED[::-1].index(b"] ")
    assert made.startswith(LISTED[: start + 1])
    assert made.endswith(LISTED[-end - 1 :])
    ours = json.loads(made)["result"]["tools"][-1]
    assert ours["name"] == "headroom_retrieve"
    assert ours["inputSchema"]["required"] == ["ref"]
    assert ours["_meta"] == {"anthropic/alwaysLoad": True}
    assert len(made) - len(LISTED) < 400


def test_an_empty_list_gets_our_tool_without_a_comma(editing):
    made = json.loads(editing.listed(b'{"id":1,"result":{"tools":[]}}\n', theirs=False))
    assert [tool["name"] for tool in made["result"]["tools"]] == ["headroom_retrieve"]


@pytest.mark.parametrize(
    "line",
    [
        b'{"id":1,"result":{"tools":[],"nextCursor":"x"}}\n',
        b'{"id":1,"result":{"tools":{}}}\n',
        b'{"id":1,"result":{"tools":[],"tools":[]}}\n',
        b'{"id":1,"result":{},"result":{"tools":[]}}\n',
    ],
)
def test_a_list_that_is_not_the_last_page_or_not_certain_stays_as_it_is(said, line):
    editing = ready(said)
    assert editing.listed(line, theirs=False) is line
    assert '"omitted' not in editing.shortened(result(ROWS), asked()).decode()
    assert refs_in(editing.shortened(result(ROWS), asked()).decode()) == []


def test_a_server_with_a_tool_of_our_name_keeps_it_and_nothing_is_omitted(said):
    editing = ready(said)
    assert editing.listed(LISTED, theirs=True) is LISTED
    assert refs_in(editing.shortened(result(LOG), asked()).decode().replace('\\"', '"')) == []


def test_outside_of_the_texts_every_byte_stays(editing):
    rows = json.dumps(ROWS).encode()
    before = b'{ "jsonrpc":"2.0","x":1e400,"id" :1,"result":{"content":[{"text":'
    behind = b',"type":"text","annotations":{"priority":0.50}},{"type":"image","data":"AA=="}],'
    behind += (
        b'"structuredContent":{"rows":' + rows + b'},"isError":false,"_meta":{"\\u0061":1}}}\r\n'
    )
    made = editing.shortened(before + rows + behind, asked())
    assert made.startswith(before)
    assert made.endswith(behind)
    assert len(made) < len(before + rows + behind) - len(rows) / 3
    assert made.count(b"\n") == 1


def test_what_is_omitted_comes_back_byte_for_byte(editing):
    (text,) = shown(editing.shortened(result(LOG), asked("logs")))
    (ref,) = set(refs_in(text))
    assert "omitted" in text
    assert editing.retrieved(Asked(3, CALL, "headroom_retrieve", {"ref": ref})) == LOG
    narrowed = Asked(4, CALL, "headroom_retrieve", {"ref": ref, "lines": "3-4"})
    assert "\n".join(LOG.split("\n")[2:4]) in editing.retrieved(narrowed)
    assert disk_store().get(ref) == LOG.encode()


def test_the_same_result_of_the_same_call_reads_the_same_again(editing, said):
    first = editing.shortened(result(LOG), asked("logs", day="today"))
    assert editing.shortened(result(LOG), asked("logs", day="today")) == first
    other = ready(said)
    other.listed(LISTED, theirs=False)
    assert other.shortened(result(LOG), asked("logs", day="today")) == first
    other.close()


def test_nothing_is_omitted_before_the_tool_was_offered(said):
    editing = ready(said)
    (text,) = shown(editing.shortened(result(ROWS), asked()))
    assert len(text) < len(ROWS) * 0.8
    assert refs_in(text) == []
    assert all(f"{7_000 + n}," in text for n in range(200))


def test_without_retrieval_edits_are_lossless_and_no_tool_is_offered(said):
    editing = ready(said, retrieval=False)
    assert editing.listed(LISTED, theirs=False) is LISTED
    assert not editing.answers
    assert refs_in(shown(editing.shortened(result(LOG), asked()))[0]) == []


def test_the_safe_policy_needs_no_tool(said):
    assert ready(said, policy="safe").listed(LISTED, theirs=False) is LISTED


def test_a_file_that_an_agent_may_edit_is_shown_in_whole_lines(editing):
    code = "\n".join(f"def name_{n}(value):\n    return value * {n}\n" for n in range(600))
    (text,) = shown(editing.shortened(result(code), asked("read_file", path="src/names.py")))
    lines = set(code.split("\n"))
    assert all(line in lines or line.lstrip().startswith("[…") for line in text.split("\n"))


def test_an_error_keeps_what_it_says(editing):
    trouble = f"{LOG}\nTraceback (most recent call last):\nValueError: no such queue: orders-7"
    (text,) = shown(editing.shortened(result(trouble, isError=True), asked("poll")))
    assert "ValueError: no such queue: orders-7" in text
    assert len(text) < len(trouble) / 4


def test_no_line_refers_to_what_only_the_wrapper_saw(editing):
    """A reader of the result alone cannot tell which call or result of the session is meant."""
    query = "\n".join(f"select column_{n} from a_table_with_a_long_name_{n}" for n in range(40))
    line = result(f"{query}\n\n{LOG}", f"{query}\n\n{LOG}")
    made = editing.shortened(line, asked("query", sql=query, deep=[[{"sql": query}]], long=query))
    assert len(shown(made)) == 2
    assert "[= " not in made.decode()
    assert shown(made)[0] == shown(made)[1]


def test_texts_for_the_user_alone_and_other_parts_are_left(editing):
    parts = [
        {"type": "text", "text": LOG, "annotations": {"audience": ["user"]}},
        {"type": "resource", "resource": {"uri": "file:///x", "text": LOG}},
        {"type": "text", "text": 5},
        {"type": "text"},
        "text",
    ]
    line = json.dumps({"id": 1, "result": {"content": parts}}).encode() + b"\n"
    assert editing.shortened(line, asked()) is line


def test_what_our_tool_gave_is_not_compressed_again(editing):
    line = result(LOG)
    assert editing.shortened(line, asked("headroom_retrieve", ref="abcdefgh")) is line


@pytest.mark.parametrize(
    "line",
    [
        b'{"id":1,"result":{"resultType":"input_required","inputRequests":{}}}\n',
        b'{"id":1,"result":{"content":"text"}}\n',
        b'{"id":1,"result":{"content":[],"content":[{"type":"text","text":"%s"}]}}\n'
        % (b"a " * 999),
        b'{"id":1,"result":{"content":[{"type":"text","text":"x","text":"%s"}]}}\n' % (b"a " * 999),
        b'{"id":1,"id":1,"result":{"content":[{"type":"text","text":"%s"}]}}\n' % (b"a " * 999),
    ],
)
def test_a_result_without_certain_texts_stays_as_it_is(editing, line):
    assert editing.shortened(line, asked()) is line


def test_a_store_that_cannot_be_used_costs_omissions_and_is_told_once(said, home):
    home.write_text("no folder")
    editing = ready(said)
    assert editing.listed(LISTED, theirs=False) is LISTED
    (text,) = shown(editing.shortened(result(ROWS), asked()))
    assert len(text) < len(ROWS) * 0.8
    assert refs_in(text) == []
    assert "cannot be read now" in editing.retrieved(asked("headroom_retrieve", ref="abcdefgh"))
    assert len(said) == 1
    assert "nothing is omitted" in said[0]


def test_a_store_that_breaks_later_lets_results_pass_and_says_so(editing, said, home):
    for file in home.glob("store.db*"):
        file.write_bytes(b"garbage" * 9_999)
    line = result(LOG)
    assert editing.shortened(line, asked("logs")) is line
    assert said == [
        "a result passed as it was, for compressing it failed: headroom.errors.StoreError"
    ]


def test_settings_that_cannot_be_read_mean_no_editing_and_are_told(said, monkeypatch):
    monkeypatch.setenv("HEADROOM_POLICY", "brave")
    assert opened({}, said.append) is None
    assert "HEADROOM_POLICY" in said[0]


def test_a_deadline_that_has_passed_leaves_the_result_for_good(said, monkeypatch):
    monkeypatch.setenv("HEADROOM_DEADLINE_MS", "0.001")
    monkeypatch.setenv("HEADROOM_DEADLINE_MS_PER_MB", "0.001")
    late = ready(said)
    line = result(LOG)
    started = time.monotonic()
    assert late.shortened(line, asked("logs")) is line
    assert time.monotonic() - started < 30
    assert said == ["a result passed as it was, for there was no time to compress it"]
    monkeypatch.setenv("HEADROOM_DEADLINE_MS", "60000")
    assert ready(said).shortened(line, asked("logs")) is line


def test_what_was_saved_is_counted(editing):
    editing.shortened(result("short but long enough to be looked at " * 4), asked("a"))
    made = shown(editing.shortened(result(LOG), asked("b")))
    assert editing.saved.results == 2
    assert editing.saved.shortened == 1
    assert editing.saved.tokens_before > 5 * editing.saved.tokens_after > 0
    assert editing.saved != Saved()
    assert len(made) == 1


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(JSON, JSON, st.dictionaries(st.text(max_size=5), JSON, max_size=3), st.booleans())
def test_whatever_stands_beside_a_text_comes_through(editing, beside, part, arguments, spaced):
    separators = (" , ", " : ") if spaced else (",", ":")
    content = [part, {"type": "text", "text": ROWS, "beside": beside}, part]
    said = {"a": beside, "result": {"content": content, "b": part}, "id": 1}
    line = json.dumps(said, ensure_ascii=spaced, separators=separators).encode() + b"\n"
    made = editing.shortened(line, Asked(1, CALL, "rows", arguments))
    at = line.index(json.dumps(ROWS).encode())
    behind = line[at + len(json.dumps(ROWS)) :]
    assert made[:at] == line[:at]
    assert made.endswith(behind)
    content[1]["text"] = json.loads(made)["result"]["content"][1]["text"]
    assert json.loads(made) == said
    assert len(made) < len(line)

"""What real agents sent, through the proxy: nothing but texts of theirs is changed, each turn
begins with the one before, and what must not be touched is not."""

import gzip
import json
import os
from pathlib import Path

import pytest
from acting import compact, goes_on
from materials import log
from test_hostile import echoing, passed

from headroom.markers import TOOL_NAME
from headroom.wire import json_spans
from headroom.wire.json_spans import Array, Object, Splice, Text

BUNDLED = Path(__file__).parent.parent / "cases" / "wire"
KEYS = ("messages", "input", "contents")
RESULTS = ("tool", "user", "function_call_output", "custom_tool_call_output")
MOST_TURNS = 8
FILES = sorted(BUNDLED.glob("*.jsonl.gz"))
_RECORDED = os.environ.get("HEADROOM_CLIENTS_DATA")
RECORDED = sorted(Path(_RECORDED).glob("*.jsonl.gz")) if _RECORDED else []


@pytest.fixture(scope="module")
def echo(tmp_path_factory):
    with echoing(tmp_path_factory.mktemp("recordings")) as running:
        yield running


def recorded(file):
    """The HTTP requests in a file: path, headers, body."""
    with gzip.open(file) as lines:
        for line in lines:
            row = json.loads(line)
            if isinstance(row["body"], dict) and row.get("method", "POST") == "POST":
                query = f"?{row['query']}" if row.get("query") else ""
                yield row["path"] + query, _kept(row["headers"]), row["body"]


def _kept(headers):
    dropped = ("host", "content-length", "connection", "accept-encoding", "content-encoding")
    return {name: value for name, value in headers if name.lower() not in dropped}


def turns(body):
    """The body as its session grew: cut after what the client said, a turn at a time."""
    key = next(key for key in KEYS if key in body)
    items = body[key]
    ends = [at for at, item in enumerate(items, 1) if item.get("role", item.get("type")) in RESULTS]
    for end in ends[:-MOST_TURNS:-1][::-1]:
        yield key, {**body, key: items[:end]}


def put_back(got, original):
    """`got` with every text that is another than in `original` as it was there, and without the
    retrieve tool; and where those texts are."""
    splices, paths = [], []

    def walk(new, old, path):
        if isinstance(new, Text):
            if new != old:
                paths.append(path)
                splices.append(Splice(new.start, new.end, original[old.start : old.end]))
        elif isinstance(new, Object):
            assert list(new) == list(old), path
            for key in new:
                walk(new[key], old[key], (*path, key))
        elif isinstance(new, Array):
            if len(new) == len(old) + 1:
                assert _name(new[0]) == TOOL_NAME, path
                splices.append(Splice(new[0].start, new[1].start, b""))
            items = new[len(new) - len(old) :]
            for at, (item, was) in enumerate(zip(items, old, strict=True)):
                walk(item, was, (*path, at))
        else:
            assert new == old, path

    walk(json_spans.parse(got), json_spans.parse(original), ())
    return json_spans.spliced(got, splices), paths


def _name(tool):
    return (tool.get("function") or tool).get("name")


def assert_faithful(echo, file):
    """Plays every session in a file turn by turn. The paths of the texts that were changed, by
    request."""
    changed = []
    for path, headers, body in recorded(file):
        earlier = []
        edited = set()
        for key, turn in turns(body):
            original = compact(turn)
            got = passed(echo, path, original, headers)
            same, paths = put_back(got, original)
            assert same == original
            assert all(where[0] == key for where in paths)
            if "claude" in file.name:
                # The first message is what the client's billing header is made of.
                assert all(where[1] > 0 for where in paths)
            tree = json_spans.parse(got)
            items = [_unmarked(got[item.start : item.end]) for item in tree[key]]
            assert goes_on(earlier, items)
            assert edited <= set(paths)
            earlier, edited = items, set(paths)
        changed.append(edited)
    return changed


def _unmarked(item):
    value = json.loads(item)
    for block in value["content"] if isinstance(value.get("content"), list) else ():
        block.pop("cache_control", None)
    return compact(value)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name.partition(".jsonl")[0])
def test_a_recorded_session_is_shortened_faithfully(echo, file):
    assert any(assert_faithful(echo, file)), "nothing was shortened"


@pytest.mark.skipif(not RECORDED, reason="HEADROOM_CLIENTS_DATA names no folder of recordings")
def test_every_recorded_session_is_shortened_faithfully(echo):
    changed = {file.name: assert_faithful(echo, file) for file in RECORDED}
    assert any(any(edits) for edits in changed.values())


def test_cache_marks_stay_where_they_are(echo):
    mark = {"type": "ephemeral", "ttl": "1h"}
    result = {"type": "tool_result", "tool_use_id": "t", "content": log(5), "cache_control": mark}
    call = {"type": "tool_use", "id": "t", "name": "read_log", "input": {}}
    body = {
        "model": "claude-opus-5-5",
        "cache_control": mark,
        "system": [{"type": "text", "text": "You are.", "cache_control": mark}],
        "tools": [{"name": "read_log", "input_schema": {}, "cache_control": mark}],
        "messages": [
            {"role": "user", "content": "Look."},
            {"role": "assistant", "content": [call]},
            {"role": "user", "content": [result]},
        ],
    }
    original = compact(body)
    got = passed(echo, "/v1/messages", original)
    same, paths = put_back(got, original)
    assert same == original
    assert paths == [("messages", 2, "content", 0, "content")]
    assert got.count(b'"cache_control":{"type":"ephemeral","ttl":"1h"}') == 4

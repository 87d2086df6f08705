"""Files to conversations: which reader, which name, and what a person is told."""

import gzip
import json

import pytest

from headroom.errors import HeadroomError, TranscriptError
from headroom.transcripts import READERS, read

MESSAGES = [{"role": "user", "content": "hi"}, {"role": "assistant", "content": "hello"}]
BLOCKS = [{"type": "tool_use", "id": "t", "name": "ls", "input": {}}]
EVENT = {"type": "user", "uuid": "u", "parentUuid": None, "sessionId": "s", "message": MESSAGES[0]}


def test_each_form_is_read_by_its_reader(tmp_path):
    forms = {
        "openai_messages": json.dumps(MESSAGES),
        "anthropic_messages": json.dumps([{"role": "assistant", "content": BLOCKS}]),
        "claude_code": json.dumps(EVENT),
    }
    assert {reader.name for reader in READERS} == set(forms)
    for name, text in forms.items():
        assert next(reader.name for reader in READERS if reader.recognises(text)) == name
        (tmp_path / name).write_text(text)
        assert len(read(tmp_path / name)) == 1


@pytest.mark.parametrize("name", ["chat.jsonl", "chat.jsonl.gz", "chat.json", "chat"])
def test_a_conversation_without_an_id_is_named_after_its_file(tmp_path, name):
    (tmp_path / name).write_text(json.dumps(MESSAGES))
    (found,) = read(str(tmp_path / name))
    assert (found.id, found.messages) == ("chat", MESSAGES)


def test_several_without_an_id_are_numbered(tmp_path):
    path = tmp_path / "chats.jsonl"
    path.write_text("\n".join(map(json.dumps, [MESSAGES, {"id": "own", "messages": MESSAGES}])))
    assert [each.id for each in read(path)] == ["chats-1", "own"]


def test_a_gzipped_file_in_several_members_reads(tmp_path):
    line = json.dumps({"id": "x", "messages": MESSAGES}).encode() + b"\n"
    (tmp_path / "a.gz").write_bytes(gzip.compress(line, mtime=0) + gzip.compress(line))
    assert len(read(tmp_path / "a.gz")) == 2


def test_a_byte_order_mark_and_bytes_that_are_no_utf8_do_no_harm(tmp_path):
    path = tmp_path / "a.json"
    path.write_bytes(b'\xef\xbb\xbf[{"role": "user", "content": "\xff"}]')
    assert read(path)[0].messages[0]["content"] == "\ufffd"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "cannot read .*nothing.jsonl"),
        (b"hello", "nothing.jsonl is no transcript .*openai_messages: a JSON list of messages"),
        (b"[]", "nothing.jsonl holds no conversation"),
        (b"\x1f\x8bxx", "nothing.jsonl looks gzipped"),
        (gzip.compress(b"[]", mtime=0)[:-4], "nothing.jsonl looks gzipped"),
        (json.dumps(MESSAGES).encode() + b"\n{", "read as openai_messages: line 2 is not JSON"),
    ],
)
def test_a_person_is_told_which_file_and_what_was_expected(tmp_path, content, told):
    path = tmp_path / "nothing.jsonl"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(TranscriptError, match=told) as raised:
        read(path)
    assert isinstance(raised.value, HeadroomError)


def test_a_folder_is_no_transcript(tmp_path):
    with pytest.raises(TranscriptError, match="cannot read"):
        read(tmp_path)

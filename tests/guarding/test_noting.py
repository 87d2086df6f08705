import json

import pytest
from answers import APIS, Spoken, hear

from headroom.edits import Edit, Fidelity
from headroom.guarding import anchors, noted, noteworthy
from headroom.guarding.call import name_of
from headroom.wire import ANTHROPIC_MESSAGES, GEMINI, OPENAI_CHAT, json_spans

RESULT = "File written: a.py, with everything that belongs in it, as you said, and no more."
NOTE = "(Note on this call: it wrote a line that only stands for omitted lines.)"


def chat(results=2):
    messages = [{"role": "user", "content": "Do it."}]
    for number in range(results):
        call = {"id": f"c{number}", "function": {"name": "Write", "arguments": "{}"}}
        messages += [
            {"role": "assistant", "tool_calls": [call]},
            {"role": "tool", "tool_call_id": f"c{number}", "content": f"{RESULT} {number}"},
        ]
    return {"messages": messages}


def written(call_id, arguments="{}"):
    """The name of a call's note."""
    return name_of(call_id, "Write", arguments)


def sent(form, body, edits, notes):
    raw = json.dumps(body).encode()
    conversation = noteworthy(form.parse(raw), form.name, body)
    done = noted(conversation, edits, notes)
    return json.loads(json_spans.splice(raw, [*done.edits, *done.extra]))


def test_a_note_stands_behind_the_result_of_its_call():
    body = sent(OPENAI_CHAT, chat(), [], {written("c1"): NOTE, written("c9"): "no"})
    assert body["messages"][4]["content"] == f"{RESULT} 1\n\n{NOTE}"
    assert body["messages"][:4] == chat()["messages"][:4]


def test_an_edited_result_has_the_note_behind_what_it_became():
    path = ("messages", 2, "content")
    edit = Edit(path, f"{RESULT} 0", "short", "prose", Fidelity.LOSSLESS, (), 20, 1)
    conversation = OPENAI_CHAT.parse(json.dumps(chat()).encode())
    done = noted(conversation, [edit], {written("c0"): NOTE})
    assert [each.after for each in done.edits] == [f"short\n\n{NOTE}"]
    assert done.edits[0].before == edit.before
    assert done.extra == []


def test_the_last_text_of_several_takes_the_note():
    parts = [{"type": "text", "text": f"{RESULT} {number}"} for number in range(3)]
    use = {"type": "tool_use", "id": "t", "name": "Write", "input": {}}
    messages = [
        {"role": "assistant", "content": [use]},
        {
            "role": "user",
            "content": [{"type": "tool_result", "tool_use_id": "t", "content": parts}],
        },
    ]
    body = sent(ANTHROPIC_MESSAGES, {"messages": messages}, [], {written("t"): NOTE})
    texts = [part["text"] for part in body["messages"][1]["content"][0]["content"]]
    assert texts == [f"{RESULT} 0", f"{RESULT} 1", f"{RESULT} 2\n\n{NOTE}"]


@pytest.mark.parametrize("results", [2, 3, 5])
def test_what_was_sent_with_a_note_is_sent_so_again(results):
    first = sent(OPENAI_CHAT, chat(2), [], {written("c1"): NOTE})["messages"]
    later = sent(OPENAI_CHAT, chat(results), [], {written("c1"): NOTE})["messages"]
    assert NOTE in json.dumps(first)
    assert later[: len(first)] == first


def test_without_notes_nothing_is_looked_up_and_nothing_changes():
    conversation = OPENAI_CHAT.parse(json.dumps(chat()).encode())
    assert noted(conversation, [], {}) == ([], [])
    assert anchors(conversation) == [written("c0"), written("c1")]


def test_a_call_without_an_id_is_known_by_its_arguments():
    marker = '[… 20 lines omitted · headroom_retrieve("qwertyui", lines="11-30")]'
    edit = Edit(("a",), "x", f"a\n{marker}", "code", Fidelity.RECOVERABLE, ("qwertyui",), 0, 0)
    arguments = {"file_path": "/a", "content": f"x {marker}"}
    [note] = hear(APIS["gemini"], Spoken("write_file", json.dumps(arguments)), [edit]).notes
    result = {"functionResponse": {"name": "write_file", "response": {"output": RESULT * 9}}}
    turned = dict(reversed(arguments.items()))
    contents = [
        {"role": "user", "parts": [{"text": "Go."}]},
        {"role": "model", "parts": [{"functionCall": {"name": "write_file", "args": turned}}]},
        {"role": "user", "parts": [result]},
    ]
    body = sent(GEMINI, {"contents": contents}, [], {note.call_id: note.text})
    said = body["contents"][2]["parts"][0]["functionResponse"]["response"]["output"]
    assert said == f"{RESULT * 9}\n\n{note.text}"
    assert note.call_id in anchors(GEMINI.parse(json.dumps({"contents": contents}).encode()))


def turn(call_id, arguments, result="ok"):
    function = {"name": "Write", "arguments": arguments}
    call = {"id": call_id, "type": "function", "function": function}
    return [
        {"role": "assistant", "tool_calls": [call]},
        {"role": "tool", "tool_call_id": call_id, "content": result},
    ]


@pytest.mark.parametrize("later", ['{"path": "b"}', '{"path": "a"}'], ids=["other", "same"])
def test_an_id_that_is_used_again_does_not_move_the_note(later):
    """Some clients begin anew with their ids in each turn."""
    arguments = '{"path": "a"}'
    notes = {written("call_0", arguments): NOTE}
    first = turn("call_0", arguments)
    then = {"messages": [*first, *turn("call_0", later)]}
    before = sent(OPENAI_CHAT, {"messages": first}, [], notes)["messages"]
    after = sent(OPENAI_CHAT, then, [], notes)["messages"]
    assert before[1]["content"] == f"ok\n\n{NOTE}"
    assert after == [*before, *turn("call_0", later)]


def test_a_note_on_a_later_call_of_the_same_id_leaves_the_earlier_one_as_it_was():
    messages = [*turn("call_0", '{"path": "a"}'), *turn("call_0", '{"path": "b"}')]
    body = sent(OPENAI_CHAT, {"messages": messages}, [], {written("call_0", '{"path":"b"}'): NOTE})
    assert body["messages"][:3] == messages[:3]
    assert body["messages"][3]["content"] == f"ok\n\n{NOTE}"


def gemini_turn(response, arguments=None, **ids):
    call = {"name": "Write", "args": arguments or {"a": 1}, **ids}
    result = {"functionResponse": {"name": "Write", "response": response, **ids}}
    return [
        {"role": "model", "parts": [{"functionCall": call}]},
        {"role": "user", "parts": [result]},
    ]


GEMINI_NOTES = {written("", '{"a": 1}'): NOTE, written("f1", '{"a": 1}'): NOTE}


@pytest.mark.parametrize("ids", [{}, {"id": "f1"}], ids=["without ids", "with ids"])
@pytest.mark.parametrize("key", ["output", "result"])
@pytest.mark.parametrize("size", [1, 100, 199, 200, 3000])
def test_a_result_of_gemini_has_its_note_whatever_its_length(size, key, ids):
    contents = gemini_turn({"lines": [3], key: "w" * size, "more": "x"}, **ids)
    body = sent(GEMINI, {"contents": contents}, [], GEMINI_NOTES)
    response = body["contents"][1]["parts"][0]["functionResponse"]["response"]
    assert response == {"lines": [3], key: f"{'w' * size}\n\n{NOTE}", "more": "x"}


def test_the_same_call_of_gemini_again_does_not_move_the_note():
    first = gemini_turn({"output": "done"})
    before = sent(GEMINI, {"contents": first}, [], GEMINI_NOTES)["contents"]
    after = sent(GEMINI, {"contents": [*first, *first]}, [], GEMINI_NOTES)["contents"]
    assert NOTE in json.dumps(before)
    assert after == [*before, *first]


def test_calls_of_gemini_side_by_side_have_each_its_result():
    calls, results = [], []
    for number in range(3):
        call, result = gemini_turn({"output": f"done {number}"}, {"a": number})
        calls += call["parts"]
        results += result["parts"]
    contents = [{"role": "model", "parts": calls}, {"role": "user", "parts": results}]
    body = sent(GEMINI, {"contents": contents}, [], GEMINI_NOTES)
    said = [part["functionResponse"]["response"]["output"] for part in body["contents"][1]["parts"]]
    assert said == ["done 0", f"done 1\n\n{NOTE}", "done 2"]


@pytest.mark.parametrize("body", [None, [], {}, {"contents": [None, {"parts": 3}]}])
def test_a_body_of_another_shape_has_no_results(body):
    conversation = GEMINI.parse(b'{"contents":[{"role":"user","parts":[{"text":"Go."}]}]}')
    assert anchors(noteworthy(conversation, GEMINI.name, body)) == []

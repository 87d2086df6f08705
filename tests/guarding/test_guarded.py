import json
import random
import re

import pytest
from answers import APIS, Spoken, dumped, hear
from hypothesis import given, settings
from hypothesis import strategies as st
from renditions import ROOT, golden, referring

from headroom.edits import Edit, Fidelity
from headroom.guarding import LET_THROUGH, OUTLINE, PUT_BACK, GuardedAnswer
from headroom.guarding.call import name_of
from headroom.guarding.signs import LEAST_MARKER, bare_of
from headroom.seen import lines_of
from headroom.wire import by_name


def spelled(arguments):
    return json.dumps(arguments, ensure_ascii=False)


def patch(lines, sign):
    body = "\n".join(sign + line for line in lines)
    return f"*** Begin Patch\n*** Update File: a.py\n@@\n{body}\n*** End Patch"


def claude_edit(lines):
    text = "\n".join(lines)
    return Spoken(
        "Edit", spelled({"file_path": "/a.py", "old_string": "x = 1", "new_string": text})
    )


def claude_write(lines):
    return Spoken("Write", spelled({"file_path": "/a.py", "content": "\n".join(lines)}))


def claude_multi(lines):
    edits = [{"old_string": "y", "new_string": "z"}]
    edits.append({"old_string": "\n".join(lines), "new_string": "gone"})
    return Spoken("MultiEdit", spelled({"file_path": "/a.py", "edits": edits}))


def codex_patch(lines):
    return Spoken("apply_patch", patch(lines, "+"), plain=True)


def codex_heredoc(lines):
    command = "cat > a.py <<'EOF'\n" + "\n".join(lines) + "\nEOF"
    return Spoken("exec_command", spelled({"cmd": command, "workdir": "/w"}))


def copilot_create(lines):
    return Spoken("create_file", spelled({"filePath": "/a.py", "content": "\n".join(lines)}))


def copilot_patch(lines):
    return Spoken("apply_patch", spelled({"input": patch(lines, " "), "explanation": "[…"}))


def opencode_edit(lines):
    text = "\n".join(lines)
    return Spoken("edit", spelled({"filePath": "/a", "oldString": text, "newString": "[x"}))


def gemini_replace(lines):
    text = "\n".join(lines)
    arguments = {"file_path": "/a", "instruction": "[… do", "old_string": "a", "new_string": text}
    return Spoken("replace", spelled(arguments))


def gemini_write(lines):
    return Spoken("write_file", spelled({"file_path": "/a", "content": "\n".join(lines)}))


CLIENTS = [
    ("anthropic_messages", claude_edit),
    ("anthropic_messages", claude_write),
    ("anthropic_messages", claude_multi),
    ("openai_responses", codex_patch),
    ("openai_responses", codex_heredoc),
    ("openai_chat", copilot_create),
    ("openai_chat", copilot_patch),
    ("bedrock_converse", opencode_edit),
    ("openai_chat", opencode_edit),
    ("gemini", gemini_replace),
    ("gemini", gemini_write),
]
SIGNS = ("[… ", "[= ")


def is_alone(line):
    bare = line.strip()
    return bare.startswith(SIGNS) and len(bare) >= LEAST_MARKER


def places():
    """Every rendition with a marker on a line of its own, and the rows of these."""
    for edit in (*golden().values(), *referring()):
        rows = [row for row, line in enumerate(edit.after.split("\n")) if is_alone(line)]
        own = set(edit.before.split("\n"))
        rows = [row for row in rows if edit.after.split("\n")[row] not in own]
        if rows:
            yield edit, rows


def planted(rnd, count):
    """Stretches of renditions that hold at least one marker, and their edits."""
    known = list(places())
    everyone = [edit for edit, _ in known]
    for _ in range(count):
        edit, rows = rnd.choice(known)
        row = rnd.choice(rows)
        start, end = max(0, row - rnd.randrange(5)), row + rnd.randrange(1, 5)
        lines = lines_of(edit.after).texts[start:end]
        if edit.before.startswith("     1\t"):
            lines = [re.sub(r"^ *[0-9]+\t", "", line) for line in lines]
        yield edit, lines, rnd.sample([each for each in everyone if each is not edit], 6)


def bodies(said, text):
    """The lines of the longest text in arguments, without what the tool puts in front."""
    if said.plain:
        texts = [text]
    else:
        stack, texts = [json.loads(text)], []
        while stack:
            value = stack.pop()
            if isinstance(value, str):
                texts.append(value)
            else:
                stack += value if isinstance(value, list) else value.values()
    longest = max(texts, key=len)
    lines = longest.split("\n")
    if "*** Begin Patch" in longest:
        return [line[1:] for line in lines[3:-1]]
    return lines[1:-1] if "<<'EOF'" in longest else lines


def is_within(lines, before):
    return "\n".join(lines) in "\n".join(lines_of(before).texts) or "\n".join(lines) in before


def cuts_of(rnd, said):
    size = len(said.arguments)
    most = rnd.choice([0, 3, 40, size // 3, size])
    return [rnd.randrange(1, size) for _ in range(most)]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_every_planted_marker_is_put_right_or_reported(stream):
    rnd = random.Random(5)
    mended = reported = 0
    for number, (edit, lines, others) in enumerate(planted(rnd, 330)):
        form, client = CLIENTS[number % len(CLIENTS)]
        said = client(lines)
        own = set(edit.before.split("\n"))
        signs = sum(is_alone(line) and line not in own for line in lines)
        heard = hear(APIS[form], said, [*others, edit], cuts_of(rnd, said) if stream else None)
        found = heard.findings
        assert found.get(PUT_BACK, 0) + found.get(LET_THROUGH, 0) >= signs > 0, (lines, found)
        assert len(set(heard.texts)) == 1
        if LET_THROUGH in found:
            assert heard.notes
            reported += 1
        else:
            mended += 1
            if OUTLINE not in found:
                assert is_within(bodies(said, heard.texts[0]), edit.before)
    assert mended >= 100
    assert reported >= 50


def outlines():
    return [
        (edit, rows)
        for edit in golden().values()
        if edit.compressor in ("json_rows", "table")
        and len(rows := [line for line in edit.after.split("\n")[4:] if len(line.strip()) > 30]) > 4
        and not any(re.sub("^[0-9]+: ", "", line.strip()) in edit.before for line in rows)
    ]


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_rows_of_a_folded_table_that_are_written_to_a_file_are_reported(stream):
    rnd = random.Random(6)
    known = outlines()
    assert len(known) >= 5
    for number in range(44):
        edit, rows = rnd.choice(known)
        form, client = CLIENTS[number % len(CLIENTS)]
        start = rnd.randrange(len(rows) - 2)
        said = client(rows[start : start + 3])
        heard = hear(APIS[form], said, [edit], cuts_of(rnd, said) if stream else None)
        assert OUTLINE in heard.findings
        assert "re-folds" in heard.notes[0].text
        for text in heard.texts:
            assert text == said.arguments or json.loads(text) == json.loads(said.arguments)


def innocents(rnd, count):
    """Stretches of our own files, which are full of brackets, dots and markers."""
    files = [
        path
        for folder, pattern in (("src", "*.py"), ("tests", "*.py"), ("docs", "*.md"))
        for path in sorted((ROOT / folder).rglob(pattern))
    ]
    # Some pages of the documentation show what the golden cases come to: these are signs.
    shown = {line.strip() for edit in golden().values() for line in edit.after.split("\n")}
    shown = {line for line in shown if "[… " in line and "headroom_retrieve" not in line}
    texts = {path: path.read_text("utf-8") for path in files}
    files = [path for path in files if shown.isdisjoint(map(str.strip, texts[path].split("\n")))]
    marked = [path for path in files if "[… " in texts[path]]
    assert len(marked) > 20
    for number in range(count):
        lines = rnd.choice(marked if number % 3 == 0 else files).read_text("utf-8").split("\n")
        start = rnd.randrange(len(lines))
        yield lines[start : start + rnd.randrange(1, 60)]


def test_no_innocent_call_is_changed():
    rnd = random.Random(7)
    edits = [*golden().values(), *referring()]
    for number, lines in enumerate(innocents(rnd, 1000)):
        form, client = CLIENTS[number % len(CLIENTS)]
        said = client(lines)
        cuts = cuts_of(rnd, said) if number % 2 else None
        heard = hear(APIS[form], said, edits, cuts)
        assert heard.findings == {}, heard.notes[0].text
        assert heard.notes == []
        assert cuts is not None or heard.unchanged
        for text in heard.texts:
            assert text == said.arguments or json.loads(text) == json.loads(said.arguments)


def test_who_edits_a_file_that_holds_our_markers_is_innocent():
    """The same lines are signs by the rendition of another file, but stand in this original."""
    edit = golden()["code/rust"]
    cited = Edit(
        ("b",), f"# how it looks:\n{edit.after}", "short", "prose", Fidelity.LOSSLESS, (), 0, 0
    )
    for form, client in CLIENTS:
        said = client(edit.after.split("\n"))
        assert hear(APIS[form], said, [edit]).findings
        assert hear(APIS[form], said, [edit, cited]).unchanged
        assert hear(APIS[form], said, [cited]).unchanged


WHOLE = claude_write(golden()["code/rust"].after.split("\n"))


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.integers(1, len(WHOLE.arguments) - 1), max_size=60), st.sampled_from(sorted(APIS))
)
def test_a_file_written_back_is_the_original_however_it_is_cut(cuts, form):
    edit = golden()["code/rust"]
    heard = hear(APIS[form], WHOLE, [edit], cuts)
    assert {json.loads(text)["content"] for text in heard.texts} == {edit.before}
    assert heard.findings == {PUT_BACK: 3}


def test_only_the_line_that_may_be_a_sign_is_held_back():
    edit = golden()["code/rust"]
    inner = by_name("anthropic_messages").retrieval.answer(stream=True, intercept=True, body=None)
    answer = GuardedAnswer(inner, "anthropic_messages", [edit])
    text = WHOLE.arguments
    at = text.index("[…")
    start = {"type": "tool_use", "id": "t", "name": "Write", "input": {}}
    answer.feed(dumped({"type": "content_block_start", "index": 0, "content_block": start}))

    def fed(piece):
        delta = {"type": "input_json_delta", "partial_json": piece}
        event = dumped({"type": "content_block_delta", "index": 0, "delta": delta})
        given = answer.feed(event)
        return given if given is None else [json.loads(e)["delta"]["partial_json"] for e in given]

    assert fed(text[: at + 1]) == [text[:at]]
    assert fed(text[at + 1 : at + 9]) == [""]
    other = dumped({"type": "ping", "text": "[… 1 line]"})
    assert answer.feed(other) is None
    stop = dumped({"type": "content_block_stop", "index": 0})
    owed, last = answer.feed(stop)
    assert json.loads(owed)["delta"]["partial_json"] == text[at : at + 9]
    assert last == stop


def test_a_cut_leg_gives_what_is_held_back():
    edit = golden()["code/rust"]
    api = APIS["openai_chat"]
    inner = by_name("openai_chat").retrieval.answer(stream=True, intercept=True, body=None)
    answer = GuardedAnswer(inner, "openai_chat", [edit])
    at = WHOLE.arguments.index("[…")
    events = list(api.stream(WHOLE, [5, at + 3]))
    out = []
    for event in events[:-2]:
        payload = dumped(event)
        given = answer.feed(payload)
        out += [payload] if given is None else given
    out += answer.release()
    assert api.read([json.loads(each) for each in out]) == [WHOLE.arguments[: at + 3]]
    assert "name" not in json.loads(out[-1])["choices"][0]["delta"]["tool_calls"][0]["function"]


@pytest.mark.parametrize("tool", ["Task", "TodoWrite", "update_plan", "headroom_retrieve"])
def test_calls_that_only_pass_on_words_are_left_alone(tool):
    edit = golden()["code/rust"]
    said = Spoken(tool, spelled({"content": edit.after, "path": "a"}))
    for form in ("anthropic_messages", "gemini"):
        inner = by_name(form).retrieval.answer(stream=False, intercept=False, body=None)
        answer = GuardedAnswer(inner, form, [edit])
        assert answer.feed(APIS[form].whole(said)) is None
        assert answer.findings == []


def test_a_command_that_only_reads_is_left_alone():
    edit = golden()["code/rust"]
    marker = next(line for line in edit.after.split("\n") if "headroom_retrieve" in line)
    said = Spoken("Bash", spelled({"command": f"grep -F '\n{marker}\n' a.py"}))
    assert hear(APIS["anthropic_messages"], said, [edit]).unchanged


@pytest.mark.parametrize(
    "command",
    [
        "python - <<'EOF'\nopen('a').write('''\n%s\n''')\nEOF",
        "cat > a <<'EOF'\nx\nEOF\necho '\n%s\n' >> a",
        "cat > a <<EOF\n%s\nEOF",
    ],
    ids=["a script", "behind the heredoc", "where the shell expands"],
)
def test_where_a_shell_would_change_the_lines_they_are_not_put_back(command):
    before = "\n".join(f"echo $VALUE{number} is one of the many values" for number in range(40))
    lines = before.split("\n")
    marker = '[… 20 lines omitted · headroom_retrieve("qwertyui", lines="11-30")]'
    after = "\n".join([*lines[:10], marker, *lines[30:]])
    edit = Edit(("a",), before, after, "code", Fidelity.RECOVERABLE, ("qwertyui",), 0, 0)
    said = Spoken("Bash", spelled({"command": command % marker}))
    heard = hear(APIS["anthropic_messages"], said, [edit])
    assert heard.findings == {LET_THROUGH: 1}
    assert json.loads(heard.texts[0]) == json.loads(said.arguments)
    assert 'headroom_retrieve("qwertyui")' in heard.notes[0].text
    assert "[" not in heard.notes[0].text


def test_an_altered_marker_is_known_by_its_ref():
    edit = golden()["code/rust"]
    [ref] = edit.refs
    text = f'def f():\n    ...  # [... rest of it, headroom_retrieve("{ref}")]'
    said = Spoken("Write", spelled({"file_path": "/a", "content": text}))
    heard = hear(APIS["anthropic_messages"], said, [edit], [4, 70])
    assert heard.findings == {LET_THROUGH: 1}
    assert heard.notes[0].call_id == name_of("call_1", "Write", said.arguments)


def test_the_marker_on_an_indented_line_takes_the_indentation_of_the_original():
    edit = golden()["code/rust"]
    lines = edit.after.split("\n")
    row = next(row for row, line in enumerate(lines) if is_alone(line))
    said = claude_edit([lines[row - 1], "        " + lines[row], lines[row + 1]])
    heard = hear(APIS["anthropic_messages"], said, [edit])
    assert is_within(bodies(said, heard.texts[0]), edit.before)
    assert bare_of(lines[row]) not in heard.texts[0]


def test_signs_that_are_spelled_as_escapes_are_found():
    edit = golden()["code/rust"]
    said = Spoken("Write", json.dumps({"file_path": "/a", "content": edit.after}))
    assert "\\u2026" in said.arguments
    for cuts in ([], range(1, len(said.arguments), 3), range(2, len(said.arguments), 5)):
        heard = hear(APIS["openai_chat"], said, [edit], cuts)
        assert json.loads(heard.texts[0])["content"] == edit.before


@pytest.mark.parametrize("form", sorted(APIS))
@pytest.mark.parametrize(
    "payload", [b"", b"[DONE]", b"{}", b'{"tool_use":', b"\xff", b"[" * 5000, b"null"]
)
def test_what_cannot_be_read_passes(form, payload):
    for stream in (False, True):
        inner = by_name(form).retrieval.answer(stream=stream, intercept=False, body=None)
        answer = GuardedAnswer(inner, form, [golden()["code/rust"]])
        assert answer.feed(payload) is None


KEYS = [
    *("type", "index", "delta", "content_block", "id", "name", "input", "choices", "tool_calls"),
    *("function", "arguments", "output", "item", "response", "candidates", "content", "parts"),
    *("functionCall", "args", "contentBlockDelta", "contentBlockStart", "start", "toolUse"),
    *("contentBlockIndex", "message", "partial_json"),
]
HOSTILE = st.recursive(
    st.none()
    | st.integers(0, 2)
    | st.sampled_from(["", "[… x", "tool_use", "function_call", "Write"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner,
            max_size=5,
        )
    ),
    max_leaves=12,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(HOSTILE, max_size=4), st.sampled_from(sorted(APIS)))
def test_payloads_of_any_shape_never_raise(values, form):
    inner = by_name(form).retrieval.answer(stream=True, intercept=False, body=None)
    answer = GuardedAnswer(inner, form, [golden()["code/rust"]])
    for value in values:
        for text in (dumped(value), dumped({"x": "tool_use functionCall toolUse", "y": value})):
            answer.feed(text)
    answer.release()


def test_without_edits_the_answer_is_the_one_within():
    inner = by_name("openai_chat").retrieval.answer(stream=True, intercept=True, body=None)
    answer = GuardedAnswer(inner, "openai_chat", [])
    assert answer.feed(b'{"choices":[]}') is None
    assert (answer.findings, answer.notes(), answer.usage) == ([], [], None)
    assert list(answer.give_up(b"")) == []
    assert list(answer.memories()) == []

import json

import pytest

from headroom.evals.edit_targets import numbered_lines, targets

OLD = "def first(self):\n    return 1\n}\n"


@pytest.mark.parametrize("name", ["old_string", "old_str", "oldText"])
def test_the_old_text_of_an_edit_is_its_target(name):
    arguments = json.dumps({"path": "a.py", name: OLD, "new_string": "something else entirely"})
    assert targets(arguments, {}) == ["def first(self):", "    return 1"]


def test_several_edits_in_one_call_are_all_targets():
    edits = [{"old_string": "first line here"}, {"old_string": "second line here"}]
    assert targets(json.dumps({"edits": edits}), {}) == ["first line here", "second line here"]


def test_an_edit_by_line_numbers_replaces_the_lines_last_shown():
    window = numbered_lines("[File: a.py]\n12:def first(self):\n13:    return 1\n14:    # the end")
    assert targets(json.dumps({"command": "edit 12:13\nnew\nend_of_edit"}), window) == [
        "def first(self):",
        "    return 1",
    ]
    assert targets("edit 14:20\nx", window) == ["    # the end"]


def test_reading_and_running_replace_nothing():
    assert targets(json.dumps({"command": "cat a.py"}), {1: "a line of some length"}) == []
    assert targets(json.dumps({"file_path": "a.py"}), {}) == []
    assert targets("not json", {}) == []


def test_a_gutter_may_be_a_tab_a_colon_a_bar_or_an_arrow():
    text = "     1\tfirst\n2:second\n 3|third\n  4→fourth\nfifth"
    assert numbered_lines(text) == {1: "first", 2: "second", 3: "third", 4: "fourth"}

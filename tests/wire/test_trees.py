import pytest

from headroom.edits import Edit, Fidelity
from headroom.errors import WireError
from headroom.wire import ANTHROPIC_MESSAGES, trees


class Part:
    """Stands for an SDK's object."""

    def __init__(self, **fields):
        self.fields = fields

    def model_dump(self):
        return self.fields


def edit(path, before, after):
    return Edit(path, before, after, "x", Fidelity.LOSSLESS, (), 1, 1)


def test_sdk_objects_are_read_as_what_they_dump():
    answer = {"role": "assistant", "content": (Part(type="text", text="hi"),)}
    conversation = ANTHROPIC_MESSAGES.parse_messages(trees.plain([answer]))
    assert conversation.messages[0].blocks[0].text == "hi"


def test_what_no_edit_touches_is_shared():
    tree = {"messages": [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]}
    new = trees.replaced(tree, [edit(("messages", 1, "content"), "b", "B")])
    assert new["messages"][0] is tree["messages"][0]
    assert new["messages"][1] == {"role": "user", "content": "B"}
    assert tree["messages"][1]["content"] == "b"


def test_an_edit_inside_an_sdk_object_gives_a_dict():
    new = trees.replaced([Part(role="user", content="a")], [edit((0, "content"), "a", "A")])
    assert new == [{"role": "user", "content": "A"}]


@pytest.mark.parametrize("path", [("x",), (5,), (0, "content", "y"), ("0", 1)])
def test_a_path_to_nothing_is_refused(path):
    with pytest.raises(WireError, match="no text at"):
        trees.replaced([{"role": "user", "content": "a"}], [edit(path, "a", "A")])


def test_another_text_than_expected_is_refused():
    with pytest.raises(WireError, match="not the one"):
        trees.replaced(["a"], [edit((0,), "b", "B")])

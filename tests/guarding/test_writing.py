import pytest

from headroom.guarding.writing import Manner, Reading, manner, may_write, survives, writes


@pytest.mark.parametrize(
    ("tool", "may"),
    [
        *(("Edit", True), ("write_to_file", True), ("", True), ("mcp__files__write", True)),
        *(("Task", False), ("Agent", False), ("spawn_agent", False), ("TodoWrite", False)),
        *(("manage_todo_list", False), ("mcp__headroom__headroom_retrieve", False)),
        *(("AskUserQuestion", False), ("update_plan", False), ("SendMessage", False)),
        *(("mcp__agentfs__write_file", True), ("edit_agent_config", True), ("skill_edit", True)),
        *(("write_todos", False), ("TaskCreate", False), ("runSubagent", False)),
        *(("ExitPlanMode", False), ("send_input", False), ("agentfs_write_file", True)),
    ],
)
def test_tools_that_pass_on_words_do_not_write(tool, may):
    assert may_write(tool) is may


@pytest.mark.parametrize(
    ("tool", "said", "plain", "how"),
    [
        ("Write", '{"file_path": "a", "content": "x', False, Manner.FILE),
        ("edit", '{"filePath": "a", "oldString": "x', False, Manner.FILE),
        ("Read", '{"file_path": "a", "offset": 1', False, None),
        ("Grep", '{"pattern": "x', False, None),
        ("apply_patch", "*** Begin Patch\n*** Add File: a\n+", True, Manner.PATCH),
        ("apply_patch", '{"input": "*** Begin Patch\\n', False, Manner.PATCH),
        ("apply_patch", "@@ -1,3 +1,4 @@\n+", True, None),
        ("patch", '{"diff": "--- a\\n+++ b\\n@@ -1,3 +1,4 @@\\n+', False, None),
        ("Bash", '{"command": "cat > a <<EOF\\n', False, Manner.SHELL),
        ("apply_diff", '{"diff": "--- a\\n+++ b\\n@@\\n x', False, None),
        ("Write", '{"content": "--- a\\n+++ b\\n@@\\n x', False, None),
        ("Write", '{"content": "see *** Begin Patch\\n  x', False, Manner.FILE),
        ("Write", '{"content": "see\\n*** Begin Patch\\n  x', False, None),
        ("Write", '{"content": "*** Begin Patch\\n@@\\n x', False, Manner.PATCH),
        ("Bash", '{"command": "cat > a.md <<X\\nof *** Begin Patch', False, Manner.SHELL),
        ("Bash", '{"cmd": "apply_patch <<X\\n*** Begin Patch\\n', False, Manner.PATCH),
        ("Bash", '{"cmd": "cat > p <<X\\n*** Begin Patch\\n', False, None),
        ("shell", '{"command": ["apply_patch", "*** Begin Patch\\n', False, Manner.PATCH),
        ("edit_file", '{"path": "a", "text": "x', False, None),
        ("Bash", '{"command": "ls -l', False, None),
        ("exec", "tools.run('ls", True, None),
        ("Task", '{"content": "x', False, None),
    ],
)
def test_how_a_call_writes_is_told_while_it_is_said(tool, said, plain, how):
    assert manner(tool, said, plain=plain) is how


def test_a_plain_script_that_writes_is_looked_at_and_not_mended():
    said = "await tools.exec({cmd: `cat > a <<'EOF'\n"
    assert writes("exec", said, plain=True)
    assert manner("exec", said, plain=True) is None


@pytest.mark.parametrize(
    ("said", "lines", "whole"),
    [
        ("cat > a <<'EOF'\n", ["x = $y `z`"], True),
        ('cat <<\\"EOF\\" > a\\n', ["x = $y"], True),
        ("tee -a a <<\\\\EOF\\n", ["x = $y"], True),
        ("cat > a <<EOF\n", ["x = y"], True),
        ("cat > a <<EOF\n", ["x = $y"], False),
        ("cat > a <<'EOF'\n", ["x", "EOF", "y"], False),
        ("cat > a <<-'EOF'\n", ["\tx"], False),
        ("cat > a <<-'EOF'\n", ["x"], True),
        ("cat > a <<'EOF'\nx\nEOF\nprintf '", ["x"], False),
        ("python - <<'EOF'\nopen('a').write('''", ["x"], False),
        ("cat a | python - <<'EOF'\n", ["x"], False),
        ("echo '", ["x"], False),
        ("cat > a <<'EOF'\ncout << x;\n", ["y"], True),
        ("cat <<<'EOF'\n", ["x"], False),
    ],
)
def test_a_shell_copies_lines_only_in_a_heredoc_that_it_does_not_read(said, lines, whole):
    assert survives(Manner.SHELL, said, lines) is whole


def test_a_patch_in_a_heredoc_is_read_by_the_shell_first():
    bare, quoted = "apply_patch <<EOF\n*** Begin Patch\n", "apply_patch <<'EOF'\n*** Begin Patch\n"
    assert not survives(Manner.PATCH, bare, ["+x = $y"])
    assert survives(Manner.PATCH, quoted, ["+x = $y"])
    assert survives(Manner.PATCH, "*** Begin Patch\n+cout << x;\n", ["+x = $y"])


@pytest.mark.parametrize("key", ["text", "value", "newSource", "instructions"])
@pytest.mark.parametrize("tool", ["edit_file", "mcp__fs__write", "createFile", "SaveFile"])
def test_a_tool_that_is_there_to_write_does_so_whatever_its_keys(tool, key):
    assert writes(tool, f'{{"path": "a", "{key}": "x"}}', plain=False)
    assert not writes("read_file", f'{{"path": "a", "{key}": "x"}}', plain=False)


def test_what_was_told_before_is_known_when_more_is_read():
    said = '{"input": "*** Begin Patch\\n*** Update File: a\\n@@\\n x", "content": "y\\n'
    reading, found = Reading(plain=False), []
    for end in range(len(said) + 1):
        found.append(reading.manner(said[:end]))
        assert found[-1] is manner("edit", said[:end], plain=False), said[:end]
    assert {Manner.PATCH, Manner.FILE, None} == set(found)


def test_a_long_text_in_front_of_a_heredoc_costs_nothing():
    said = "cat " * 500_000 + "\ncat > a <<'EOF'\n"
    assert survives(Manner.SHELL, said, ["x"])
    assert not survives(Manner.SHELL, "cat " * 500_000, ["x"])

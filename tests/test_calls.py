import json

import pytest

from headroom.calls import Call, call_of


def run(command, tool="bash"):
    return call_of(tool, json.dumps({"command": command}))


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("Read", {"file_path": "/a/b.py"}),
        ("read", {"path": "a.py", "offset": 10, "limit": 20}),
        ("read_file", {"path": "a.py"}),
        ("mcp__fs__read_text_file", {"path": "a.py"}),
        ("read_multiple_files", {"paths": ["b.py", "a.py"]}),
        ("get_file_contents", {"owner": "o", "repo": "r", "path": "a.py"}),
        ("str_replace_editor", {"command": "view", "path": "a.py"}),
        ("str_replace_editor", {"path": "a.py", "start": 0, "file_text": None}),
    ],
)
def test_reading_tools_read(tool, arguments):
    call = call_of(tool, json.dumps(arguments))
    assert call.reads
    assert not call.writes
    assert call.path.endswith(".py") or call.path.endswith("b.py")


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("Write", {"file_path": "a.py", "content": "x"}),
        ("edit", {"path": "a.py", "oldText": "x", "newText": "y"}),
        ("str_replace_editor", {"command": "str_replace", "path": "a.py", "old_str": "x"}),
    ],
)
def test_writing_tools_write(tool, arguments):
    call = call_of(tool, json.dumps(arguments))
    assert (call.reads, call.writes) == (False, True)


@pytest.mark.parametrize(
    "command",
    [
        "cat src/a.py",
        "cd /repo && cat a.py",
        "sed -n '10,20p' a.py",
        "head -50 a.py",
        "cat a.py | head -20",
        "git show HEAD:a.py",
        "open a.py 12",
        "goto 100",
        "edit 3:4\nx = 1\nend_of_edit",
        "LANG=C cat a.py",
    ],
)
def test_commands_that_print_a_file_read(command):
    assert run(command) == Call(command=command, reads=True)


@pytest.mark.parametrize(
    "command",
    [
        "cat app.log",
        "tail -100 /var/log/syslog",
        "cat rows.csv",
        "cat > a.py <<'EOF'\nx = 1\nEOF",
        "cat a.json | python3 -c 'import json'",
        "catalog a.py",
        "grep -rn x src",
        "pytest -q",
        "ls -la",
    ],
)
def test_other_commands_do_not_read(command):
    assert not run(command).reads


def test_a_data_file_is_read_but_not_edited():
    assert not call_of("Read", '{"file_path": "/tmp/app.log"}').reads


def test_a_command_may_be_a_list_of_words():
    assert call_of("shell", '{"command": ["bash", "-lc", "cat a.py"]}').reads
    assert call_of("shell", '{"command": ["ls", "-la"]}').command == "ls -la"


def test_arguments_that_are_no_object_are_a_command_or_nothing():
    assert call_of("bash", "cat a.py").reads
    assert call_of("x", "") == Call()
    assert call_of("x", "{broken") == Call()
    assert call_of("x", '{"command": 3}') == Call()
    assert call_of("x", "{" + "[" * 100_000) == Call()


def test_a_script_that_runs_commands_reads_what_they_read():
    read = 'const r = await tools.exec_command({cmd: "cat src/types.py", max_output_tokens: 9});'
    assert call_of("exec", read) == Call("cat src/types.py", reads=True)
    both = (
        'const [a, b] = await Promise.all([tools.exec_command({cmd: "git status"}),'
        ' tools.exec_command({workdir: "/x", cmd: "sed -n \'1,9p\' a.py"})]); text(a);'
    )
    assert call_of("exec", both) == Call("git status\nsed -n '1,9p' a.py", reads=True)
    assert not call_of("exec", 'tools.exec_command({cmd: "pytest -q | tail -5"})').reads


@pytest.mark.parametrize("script", ["tools.exec_command({cmd: `cat ${file}`})", "exec_command("])
def test_a_script_whose_commands_cannot_be_told_is_one_command(script):
    assert call_of("exec", script) == Call(script)

"""What is prose, and what has a better owner."""

import pytest

from headroom.compressors import Sample
from headroom.compressors.prose import Prose

PROSE = (
    "The lighthouse stood at the end of the pier, and nobody had been in it for years. When the "
    "harbour was built, the keeper moved to the town, where his daughter had a shop. "
)


def score(text, **about):
    return Prose().score(Sample(text, **about))


@pytest.mark.parametrize(
    "text",
    [
        PROSE * 4,
        "\n\n".join(f"[{n}] {PROSE}" for n in range(9)),
        "\n".join(f"Ann: {PROSE}\nBob: {{laugh}}" for _ in range(9)),
        "# Title\n\n"
        + PROSE * 3
        + "\n\n```python\nimport os\nx = os.path\n```\n\n| a | b |\n|---|---|\n",
        "Title\n=====\n\n" + PROSE * 2 + "\n\n.. code::\n\n    import os\n    x = os.path(1)\n",
        "Der Leuchtturm stand am Ende der Mole, und seit Jahren war niemand mehr in ihm gewesen. "
        * 4,
        "灯塔在码头的尽头，多年来一直没有人进去过。港口建成后，看守人搬到了镇上。" * 9,
        PROSE * 80,
        PROSE * 400,
        f"# Title\n\n{PROSE * 400}",
    ],
)
def test_prose_is_recognised(text):
    assert 0.15 < score(text) <= 0.6


def test_sentences_in_an_unknown_language_are_a_last_resort():
    text = "Deniz feneri iskelenin ucunda duruyordu. Yıllardır kimse içeri girmemişti. " * 9
    assert 0 < score(text) < 0.3


LINE = PROSE.strip()


@pytest.mark.parametrize(
    "text",
    [
        "",
        PROSE[:100],
        " " * 500,
        '{"text": "' + PROSE * 4 + '"}',
        '[{"a": 1}]' * 40,
        "\n".join(f"2026-03-01 10:00:{n:02} INFO {LINE}" for n in range(40)),
        "\n".join(f"docs/a.md:{n}:{LINE}" for n in range(40)),
        "\n".join(f"def read_{n}(path):\n    return open(path)\n" for n in range(40)),
        "commit abc\n\n" + PROSE * 3 + "\ndiff --git a/a.md b/a.md\n@@ -1 +1 @@\n",
        "\n".join(f"| {n} | {LINE} |" for n in range(20)),
        "\n".join(f"<p>{LINE}</p>" for n in range(20)),
        "\n".join(f"tests/test_a.py::test_{n} PASSED [ 10%]" for n in range(40)),
        "\n".join(f"src/headroom/file_{n}.py" for n in range(40)),
        "\n".join(f"name {n}\tvalue of it\tand more\tend" for n in range(40)),
        "\n".join(f"alpha{n} beta gamma delta{n}" for n in range(60)),
        " * \n" * 200,
        "\n".join(
            f"src/a.ts({n},4): error: the value is not what it should have been" for n in range(40)
        ),
    ],
)
def test_what_has_a_better_owner_is_not_claimed(text):
    assert score(text) < 0


def test_a_source_file_is_not_claimed_for_its_comments():
    assert score(PROSE * 9, tool="Read", source='{"file_path": "/a/b.py"}') < 0
    assert score(PROSE * 9, tool="Read", source='{"file_path": "/a/b.md"}') > 0


def test_some_structure_among_prose_makes_it_less_sure():
    code = "\n".join(f"value_{n} = compute({n});" for n in range(3))
    assert 0 < score(f"{PROSE * 2}\n{code}\n{PROSE}") < score(PROSE * 3)

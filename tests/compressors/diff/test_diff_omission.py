"""What goes from a diff, what never goes, and what stands in the place of what went."""

import pytest
from diff_making import changed, edited, git_diff, npm_lock, numbered
from diff_reading import REF, compressed, missing
from hypothesis import given, settings
from hypothesis import strategies as st

from headroom.markers import omissions
from headroom.policy import AGGRESSIVE, BALANCED, Policy

TIGHT = Policy("tight", omit=True, budget=50, min_tokens=48)
OLD = {f"package-{n}": f"1.{n}.0" for n in range(60)}
NEW = {**OLD, "package-7": "2.0.0", "package-30": "1.30.1", "brand-new": "0.1.0"}
del NEW["package-50"]
LOCK = git_diff("web/package-lock.json", npm_lock(OLD), npm_lock(NEW))
SOURCE = git_diff("src/shop.py", numbered(30), edited(numbered(30), 4, 20))


def joined(*files):
    return "\n".join(line for file in files for line in file) + "\n"


def test_a_lock_file_becomes_one_line_that_tells_its_moves_and_range():
    text = joined(SOURCE, LOCK)
    out = compressed(text)
    (marker,) = omissions(out)
    assert marker.what == (
        "web/package-lock.json (lock file): 4 hunks omitted, +9 −9 lines; package-7 1.7.0 → 2.0.0,"
        " package-30 1.30.0 → 1.30.1, new brand-new 0.1.0, gone package-50 1.50.0"
    )
    first = text.split("\n").index(LOCK[0]) + 1
    assert f'lines="{first}-{first + len(LOCK) - 1}"' in out
    assert [line for line in SOURCE if not line.startswith(("diff ", "index "))] == [
        line for line in out.split("\n")[:-1] if not line.startswith(("[…", "index "))
    ]


def test_a_new_and_a_deleted_machine_made_file_are_told_as_such():
    text = joined(
        git_diff("dist/app.js", None, numbered(30)), git_diff("dist/old.js", numbered(30), None)
    )
    first, second = omissions(compressed(text))
    assert first.what == "dist/app.js (new, generated): 1 hunk omitted, +30 −0 lines"
    assert second.what == "dist/old.js (deleted, generated): 1 hunk omitted, +0 −30 lines"


def test_a_rename_of_a_machine_made_file_stays_in_sight():
    header = [
        *("diff --git a/vendor/old_name.go b/vendor/new_name.go", "similarity index 51%"),
        *("rename from vendor/old_name.go", "rename to vendor/new_name.go"),
    ]
    body = git_diff("vendor/new_name.go", numbered(30), edited(numbered(30), 2, 15, 28))
    out = compressed(joined([*header, *body[1:]]))
    assert out.split("\n")[:4] == header
    assert "vendor/new_name.go (vendored): 3 hunks omitted, +3 −3 lines" in out


def test_a_binary_patch_is_counted():
    blob = ["literal 4000", *(f"zcmV;I{n:03d}" + "K~#7F?VaCq" * 6 for n in range(50)), ""]
    patch = [
        *("diff --git a/logo.png b/logo.png", "index 3f78685..89e6c98 100644", "GIT binary patch"),
        *(*blob, "literal 0", "HcmV?d00001", ""),
    ]
    text = joined(patch, SOURCE)
    out = compressed(text)
    assert "logo.png (binary): patch of 56 lines omitted" in out
    assert missing(text, out) == list(range(len(patch) + 1))


def test_where_many_files_go_the_call_is_told_once():
    files = [git_diff(f"vendor/lib/part_{n}.go", numbered(20), numbered(20, "x")) for n in range(9)]
    text = joined(*files, SOURCE)
    out = compressed(text)
    (marker,) = omissions(out)
    assert (
        marker.what
        == f"omitted above in all: {sum(map(len, files))} lines of files that a machine wrote"
    )
    assert (
        "[… vendor/lib/part_3.go (vendored): 1 hunk omitted, +20 −20 lines: lines 136-180]" in out
    )
    assert set(missing(text, out)) >= set(range(sum(map(len, files))))


def test_unchanged_lines_thin_out_over_the_budget_and_are_counted():
    wide = git_diff("a.py", numbered(60), edited(numbered(60), 20, 40), context=15)
    out = compressed(joined(wide), policy=TIGHT)
    shown = [line for line in out.split("\n") if line.startswith(" ")]
    assert [line.split()[0] for line in shown] == ["line_19", "line_21", "line_39", "line_41"]
    assert "[… 14 lines]" in out
    assert "[… 17 lines]" in out
    assert (
        omissions(out)[0].what
        == 'omitted above in all: 45 lines that did not change, 1 line "index …"'
    )


def test_no_more_unchanged_lines_go_than_the_budget_asks_for():
    wide = git_diff("a.py", numbered(60), edited(numbered(60), 20, 40), context=15)
    text = joined(wide)
    budget = Policy("", omit=True, budget=int(len(text) / 3.5 * 0.6), min_tokens=48)
    out = compressed(text, policy=budget)
    assert sum(line.startswith(" ") for line in out.split("\n")) == 12


def test_unchanged_lines_stay_within_the_budget():
    wide = git_diff("a.py", numbered(60), edited(numbered(60), 20, 40), context=15)
    assert compressed(joined(wide), policy=BALANCED) is None


def test_a_gap_that_saves_less_than_it_costs_is_none():
    short = git_diff("a.py", ["x"] * 9 + ["y"] + ["z"] * 9, ["x"] * 9 + ["q"] + ["z"] * 9)
    long = git_diff("b.py", numbered(60), edited(numbered(60), *range(3, 60, 8)))
    out = compressed(joined(short, long), policy=TIGHT)
    assert "\n x\n x\n x\n-y\n+q\n z\n z\n z\n" in out


def test_little_in_all_is_not_worth_a_marker():
    assert compressed(joined(SOURCE), policy=TIGHT) is None


def test_lines_that_the_question_names_stay():
    wide = git_diff("a.py", numbered(60), edited(numbered(60), 20, 40), context=15)
    out = compressed(joined(wide), query="what is line_30 for?", policy=TIGHT)
    assert "\n[… 8 lines]\n     line_30 = compute(30, total, scale)\n[… 8 lines]\n" in out


def test_words_in_too_many_lines_keep_none():
    wide = git_diff("a.py", numbered(60), edited(numbered(60), 20, 40), context=15)
    plain = compressed(joined(wide), policy=TIGHT)
    assert compressed(joined(wide), query="why is the total so low?", policy=TIGHT) == plain
    assert compressed(joined(wide), query="is put a verb?", policy=TIGHT) == plain


def test_the_question_brings_changed_lines_of_a_lock_file_and_its_package_first():
    out = compressed(joined(SOURCE, LOCK), query="did brand-new break it?")
    assert (
        "4 hunks omitted, +9 −9 lines but for 2 that the question names; new brand-new 0.1.0, package-7"
        in out
    )
    assert '\n+    "node_modules/brand-new": {\n+      "version": "0.1.0",\n+      "integ' in out


def test_a_file_that_the_question_names_is_shown():
    assert "brand-new" in compressed(
        joined(LOCK, LOCK), query="show package-lock.json", policy=BALANCED
    )


def test_a_file_is_not_named_by_a_part_of_a_word():
    lock = [line.replace("web/package-lock.json", "uv.lock") for line in LOCK]
    assert "uv.lock (lock file)" in compressed(joined(SOURCE, lock), query="what of xuv.lock-9?")
    assert compressed(joined(SOURCE, lock), query="what of a/uv.lock?") is None


def test_a_file_that_the_command_names_is_shown_where_it_fits():
    source = '{"command": "git diff -- web/package-lock.json"}'
    assert compressed(joined(LOCK), tool="bash", source=source) is None
    assert compressed(joined(LOCK), tool="bash", source=source, policy=TIGHT) is not None
    assert compressed(joined(LOCK), tool="bash", source='{"command": "git diff"}') is not None


def test_a_small_machine_made_file_is_shown():
    small = git_diff("go.sum", ["a v1.0.0 h1:x="], ["a v1.1.0 h1:y="])
    assert "+a v1.1.0 h1:y=" in compressed(joined(SOURCE, small))


def test_what_another_tool_cut_stays():
    cut = [*LOCK[:-9], "... 120 more lines", "[truncated]"]
    out = compressed(joined(SOURCE, cut))
    assert "\n... 120 more lines\n[truncated]\n" in out
    whole = git_diff("a.py", numbered(60), edited(numbered(60), 20, 40), context=15)
    out = compressed(joined(whole, whole[:-5], ["[output cut]"]), policy=TIGHT)
    assert "\n".join([*whole[4:-5], "[output cut]"]) in out


def test_marked_words_within_lines_are_not_taken_for_unchanged_lines():
    words = [
        *("diff --git a/a.py b/a.py", "index 3f78685..89e6c98 100644", "--- a/a.py", "+++ b/a.py"),
        *("@@ -1,20 +1,20 @@", *(f"     value_{n} = [-old-]{{+new+}}({n})" for n in range(20))),
    ]
    assert compressed(joined(words, words), policy=TIGHT) is None
    words[10] = "-    removed = entirely(1)"
    words[11] = "+    added = entirely(1)"
    words[4] = "@@ -1,19 +1,19 @@"
    assert "[…" not in compressed(joined(words, words, words), policy=TIGHT)


def test_merge_diffs_keep_what_any_parent_changed():
    body = [f"  kept_{n} = compute({n}, total)" for n in range(40)]
    body[20] = "++both sides got this line"
    body[21] = "- ours alone had this line"
    body[22] = " +theirs alone got this line"
    header = ["diff --cc a.py", "index 1111111,2222222..3333333", "--- a/a.py", "+++ b/a.py"]
    text = joined(header, ["@@@ -1,40 -1,38 +1,40 @@@ def total():", *body, "  "], SOURCE)
    out = compressed(text, policy=TIGHT)
    assert "\n[… 19 lines]\n" + "\n".join(body[19:24]) + "\n[… 17 lines]\n" in out
    missing(text, out)


SIDES = st.lists(
    st.sampled_from([*numbered(8), "-- note", "++ note", "", "@@ -1 +1 @@", "\ttab"]), max_size=50
)
NAMES = st.sampled_from(
    ["src/a.py", "b.c", "vendor/x.go", "uv.lock", "dist/x.js", "x/__snapshots__/y.snap"]
)


@settings(max_examples=150)
@given(
    files=st.lists(st.tuples(NAMES, SIDES, SIDES), min_size=1, max_size=6),
    context=st.integers(0, 12),
    prelude=st.sampled_from(["", "commit 0123456\n\n    Some words\n\n", "$ git diff\n"]),
    query=st.sampled_from(["", "line_3", "what of x.go?"]),
    policy=st.sampled_from([TIGHT, BALANCED, AGGRESSIVE]),
)
def test_changed_source_lines_stay_and_gaps_say_exactly_what_goes(
    files, context, prelude, query, policy
):
    parts = [(path, git_diff(path, old, new, context)) for path, old, new in files]
    text = prelude + joined(*(diff for _, diff in parts))
    out = compressed(text, query=query, policy=policy)
    if out is None:
        return
    gone = missing(text, out) if not query else []
    at = prelude.count("\n")
    for path, diff in parts:
        source = path in ("src/a.py", "b.c")
        for index, line in enumerate(diff):
            if source and (line[:1] in ("+", "-") or line.startswith("@@")):
                assert at + index not in gone
                assert line in out
        at += len(diff)
    markers = omissions(out)
    assert {marker.ref for marker in markers} <= {REF}
    assert bool(markers) == ("\n[… " in f"\n{out}")


def test_the_sum_of_what_went_is_what_the_last_line_says():
    wide = git_diff("a.py", numbered(60), edited(numbered(60), 20, 40), context=15)
    files = [git_diff(f"vendor/p{n}.go", numbered(20), numbered(20, "x")) for n in range(5)]
    text = joined(wide, *files)
    out = compressed(text, policy=TIGHT)
    assert omissions(out)[-1].what == (
        "omitted above in all: 225 lines of files that a machine wrote, 45 lines that did not change,"
        ' 1 line "index …"'
    )
    headers = 1
    assert len(missing(text, out)) == 225 + 45 + 1 + headers
    assert len(changed(wide)) == sum(line in out.split("\n") for line in changed(wide))


def test_a_machine_made_file_of_which_the_question_names_all_is_shown_whole():
    small = [
        "--- .snap",
        "+++ .snap",
        "@@ -1 +1 @@",
        f"-{'aardvark ' * 30}",
        f"+{'aardwolf ' * 30}",
    ]
    out = compressed(joined(*[SOURCE] * 3, small), query="aardvark or aardwolf?")
    assert out is None


def test_a_file_without_a_name_is_taken_for_source():
    body = git_diff("x", numbered(9), numbered(9, "other"))[4:]
    assert compressed(joined(["index 3f78685..89e6c98", *body], LOCK)).count("other_") == 9


def test_a_word_is_looked_for_only_between_other_signs_and_only_so_long():
    lines = [f"{'within ' * 9}{n}" for n in range(60)]
    wide = git_diff("a.py", lines, edited(lines, 20, 40), context=15)
    plain = compressed(joined(wide), policy=TIGHT)
    assert compressed(joined(wide), query="did we thin it? Can a thi win?", policy=TIGHT) == plain


def test_a_text_without_a_last_line_end_gets_its_closing_line_too():
    wide = git_diff("a.py", numbered(60), edited(numbered(60), 20, 40), context=15)
    out = compressed(joined(wide) + "$ exit", policy=TIGHT)
    assert out.split("\n")[-2] == "$ exit"


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_line_ends_make_no_difference(ending):
    wide = git_diff("a.py", numbered(60), edited(numbered(60), 20, 40), context=15)
    text = joined(wide, LOCK).replace("\n", ending)
    out = compressed(text, policy=TIGHT)
    assert "package-7 1.7.0 → 2.0.0" in out
    assert out.count("[… 14 lines]") == 2
    missing(text, out)

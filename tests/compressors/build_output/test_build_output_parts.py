"""What stands of a run besides its failures, and what is only counted."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st
from run_reading import REF, checked, compressed

from headroom.compressors import Sample
from headroom.compressors.build_output import BuildOutput
from headroom.edits import Fidelity
from headroom.markers import omissions
from headroom.policy import AGGRESSIVE

PASSED = [f"test item_{number} ... ok" for number in range(900)]


def among_passes(*lines, **options):
    return checked("\n".join([*PASSED[:450], *lines, *PASSED[450:]]), **options)


def test_one_gap_alone_is_a_full_marker():
    out = checked("\n".join([*PASSED, "test result: ok. 900 passed; 0 failed"]))
    assert out.split("\n")[1].startswith("[… 89")
    assert [marker.ref for marker in omissions(out)] == [REF]


def test_several_gaps_are_told_shortly_and_redeemed_by_the_last_line():
    out = among_passes("test tax ... FAILED")
    assert len(omissions(out)) == 1
    assert out.split("\n")[-1].endswith(f'headroom_retrieve("{REF}", lines="2-450")]')


def test_a_traceback_shows_its_ends_and_the_frames_of_the_project():
    library = [
        line
        for number in range(30)
        for line in (
            f'  File "/venv/lib/python3.11/site-packages/web/layer{number}.py", line {number}, in call',
            f"    return self.inner{number}(request)",
        )
    ]
    trace = [
        "Traceback (most recent call last):",
        '  File "/home/user/shop/run.py", line 3, in main',
        "    serve()",
        *library[:30],
        '  File "/home/user/shop/tax.py", line 44, in add_tax',
        "    return rates[country]",
        *library[30:],
        '  File "/venv/lib/python3.11/site-packages/web/last.py", line 9, in raise_it',
        "    raise Oops(3)",
        "web.Oops: no rate for this country",
    ]
    out = among_passes(*trace)
    for line in (*trace[:3], trace[33], trace[34], *trace[-3:]):
        assert line in out
    assert "layer11.py" not in out


def test_a_repeated_traceback_is_shown_once():
    frames = [
        line
        for number in range(12)
        for line in (
            f'  File "/home/user/shop/part{number}.py", line 7, in call',
            f"    step{number}()",
        )
    ]
    failures = [
        line
        for name in ("tax", "price", "total")
        for line in (
            "=" * 70,
            f"ERROR: test_{name} (tests.test_shop.Shop)",
            "-" * 70,
            "Traceback (most recent call last):",
            *frames,
            "KeyError: 'rate'",
            "",
        )
    ]
    out = among_passes(*failures)
    assert out.count("KeyError: 'rate'") == 1
    assert out.count("part0.py") == 1
    assert all(f"ERROR: test_{name} (" in out for name in ("tax", "price", "total"))


def test_frames_of_java_rust_and_go_fall_together_and_their_heads_stand():
    java = [
        "shop.Closed: no till",
        *(f"\tat org.apache.web.Layer{n}.call(Layer{n}.java:{n})" for n in range(40)),
    ]
    rust = ["thread 'main' panicked at src/tax.rs:3:5:", "no rate", "stack backtrace:"]
    rust += [
        part
        for n in range(30)
        for part in (f"  {n}: core::part{n}", f"      at /rustc/abc/part{n}.rs:{n}:5")
    ]
    go = ["panic: no rate", "", "goroutine 1 [running]:"]
    go += [
        part
        for n in range(20)
        for part in (f"example.org/web.part{n}(0x1)", f"\t/pkg/mod/web/part{n}.go:{n} +0x1")
    ]
    out = among_passes(*java, "", *rust, "", *go)
    assert all(line in out for line in (java[0], java[1], java[-1], rust[0], rust[1], go[0], go[2]))
    assert "frames" in out
    assert "Layer20.java" not in out
    assert "part15.rs" not in out


def test_an_assertion_stands_with_its_difference():
    block = [
        "=================================== FAILURES ===================================",
        "___________________________________ test_tax ___________________________________",
        "",
        "    def test_tax():",
        *(f"        step_{number}(error={number})" for number in range(30)),
        ">       assert tax(",
        "            3,",
        "        ) == 4",
        "E       assert 3 == 4",
        "E        +  where 3 = tax(3)",
        "",
        "tests/test_shop.py:31: AssertionError",
    ]
    out = among_passes(*block)
    for line in block[-8:]:
        assert line in out
    assert "step_3(" not in out


def test_a_long_difference_shows_its_first_and_last_lines():
    difference = [f"E         - row {chr(97 + number % 26)}{number}" for number in range(300)]
    out = among_passes("_____ test_rows _____", ">       assert rows == wanted", *difference)
    assert difference[0] in out
    assert difference[-1] in out
    assert difference[150] not in out


def test_headings_of_tests_that_passed_are_no_failures():
    passes = [
        line
        for n in range(200)
        for line in (f"_______ test_quiet_{n} _______", "Captured stdout: fine")
    ]
    out = among_passes("===== PASSES =====", *passes)
    assert "test_quiet_100" not in out


def test_a_failure_told_in_full_before_is_only_listed():
    source = [f"        step_number_{number}(of=the, whole=test)" for number in range(8)]
    block = [
        *source,
        ">       assert rate",
        "E       NameError: rate",
        "",
        "shop/tax.py:3: NameError",
    ]
    blocks = [line for name in "abc" for line in (f"______ test_{name} ______", "", *block)]
    listed = [f"FAILED tests/test_tax.py::test_{name} - NameError" for name in "abc"]
    out = among_passes(
        "===== FAILURES =====", *blocks, "===== short test summary info =====", *listed
    )
    assert out.count("NameError: rate") == 1
    assert "______ test_a ______" in out
    assert "______ test_c ______" not in out
    assert all(line in out for line in listed)


def test_warnings_of_one_kind_stand_once_with_their_places():
    warnings = [
        f"src/part{n}.c:{n}:5: warning: unused variable 'x{n}' [-Wunused]" for n in range(200)
    ]
    out = among_passes(*warnings)
    assert warnings[0] in out
    assert "[… 199 more like this line: src/part1.c:1:5; src/part2.c:2:5" in out
    assert warnings[100] not in out


def test_too_many_errors_of_one_kind_stand_by_their_places():
    errors = [f"src/part{n}.py:{n}:1: E501 Line too long ({n} > 88)" for n in range(300)]
    out = checked("\n".join([*errors, "Found 300 errors."]))
    assert all(line in out for line in errors[:3])
    assert all(f"src/part{n}.py:{n}:1" in out for n in range(100))


def test_different_errors_all_stand():
    errors = [f"src/part.c:{n}:5: error: 'name{n}' undeclared" for n in range(30)]
    out = among_passes(*errors)
    assert all(line in out for line in errors)


def test_an_error_that_points_on_its_next_line_stands_with_it():
    errors = [
        line
        for n in range(90)
        for line in (
            f"SIM108 Use a ternary operator `x{n}`",
            f"   --> shop/part{n}.py:{n}:5",
            "    |",
            "",
        )
    ]
    out = checked("\n".join([*errors * 2, "Found 90 errors."]), policy=AGGRESSIVE)
    assert errors[0] in out
    assert errors[1] in out
    assert "shop/part77.py:77:5" in out


def test_one_wording_that_points_to_two_places_stands_twice():
    errors = [
        "E501 Line too long (92 > 88)",
        "  --> shop/tax.py:3:89",
        "",
        "E501 Line too long (92 > 88)",
        "  --> shop/cart.py:7:89",
    ]
    out = among_passes(*errors)
    assert errors[1] in out
    assert errors[4] in out


def test_a_diff_that_the_run_prints_is_only_counted():
    diff = [
        "diff --git a/tax.py b/tax.py",
        "index 1..2 100644",
        "--- a/tax.py",
        "+++ b/tax.py",
        "@@ -1,99 +1,99 @@",
    ]
    diff += [f"-    raise ValueError('error {n}')" for n in range(99)]
    diff += [f"+    raise TypeError('error {n}')" for n in range(99)]
    out = among_passes(*diff, "tail of it", "test tax ... FAILED")
    assert "raise TypeError('error 50')" not in out
    assert "202 diff" in out
    assert "test tax ... FAILED" in out


def test_a_failure_right_behind_a_cut_diff_stands():
    diff = [
        "diff --git a/tax.py b/tax.py",
        "--- a/tax.py",
        "+++ b/tax.py",
        "@@ -1,9 +1,9 @@",
        "-a",
        "+b",
    ]
    out = among_passes(*diff, "error: the patch does not apply")
    assert "error: the patch does not apply" in out


def test_what_the_question_names_stands():
    out = among_passes("test lonely ... ok", query="did item_123 pass, and what of number 777?")
    assert "test item_123 ... ok" in out
    assert "test item_777 ... ok" in out


def test_a_name_that_many_lines_hold_stands_at_both_ends():
    out = checked(
        "\n".join(f"test shop_{number} on x86_64 ... ok" for number in range(900)),
        query="x86_64 tests on?",
    )
    assert "test shop_0 on" in out
    assert "test shop_899 on" in out
    assert "test shop_450 on" not in out


def test_a_very_long_line_of_trouble_is_told_by_its_telling_part():
    line = "x" * 40_000 + " error: the till is stuck " + "y" * 40_000
    out = compressed("\n".join([*PASSED, line]))
    assert "[… line 901 of 80,026 characters, holds: " in out
    assert "error: the till is stuck" in out
    assert len(out) < 2_500


def test_a_single_line_that_is_too_long_is_redeemed_by_a_marker():
    text = "make[1]: *** error: the till is stuck" + " y" * 40_000
    out = compressed(f"{text}\n{text} again")
    assert out.endswith(
        f'[… 2 long lines shortened where told above · headroom_retrieve("{REF}", lines="1")]'
    )
    assert compressed(text).endswith(f'headroom_retrieve("{REF}", lines="1")]')


def test_the_last_command_before_a_failure_stands():
    commands = [f"$ build step-{name}" for name in "abcdefgh"]
    lines = [line for command in commands for line in (command, *PASSED[:100])]
    lines.insert(lines.index(commands[5]) + 50, "error: no rule to build tax")
    assert commands[5] in checked("\n".join(lines))


def test_of_good_partial_sums_the_last_stands_and_of_bad_ones_all():
    sums = [f"test result: ok. {n} passed; 0 failed; 0 ignored" for n in range(100)]
    sums[40] = "test result: FAILED. 39 passed; 1 failed; 0 ignored"
    out = among_passes(*sums)
    assert sums[40] in out
    assert sums[-1] in out
    assert sums[50] not in out


def event(action, test, output=None):
    told = {
        "Time": "2026-03-01T09:00:00Z",
        "Action": action,
        "Package": "example.org/till",
        "Test": test,
    }
    return json.dumps(told if output is None else {**told, "Output": output}, separators=(",", ":"))


def test_events_of_go_are_judged_by_their_output():
    lines = [
        event("output", f"TestItem{n}", f"--- PASS: TestItem{n} (0.00s)\n") for n in range(300)
    ]
    lines[140] = event("output", "TestTax", "    till_test.go:57: error: got 42, want 41\n")
    lines[141] = event("output", "TestTax", "--- FAIL: TestTax (0.00s)\n")
    lines[142] = event("fail", "TestTax")
    lines[143] = '{"not json'
    lines[144] = '{"a":[1]'
    out = checked("\n".join(lines))
    assert all(line in out for line in lines[140:142])
    assert lines[142] not in out
    assert "passed" in out


def test_odd_events_are_read_as_lines():
    lines = [event("run", f"TestItem{n}") for n in range(300)]
    lines[140] = '["an", "array"]'
    lines[141] = '{"Output":3,"Package":"error: example.org/tax"}'
    assert lines[141] in checked("\n".join(lines))


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            [
                *(
                    "",
                    "ok",
                    "==== FAILURES ====",
                    "_____ test_a _____",
                    "E   boom",
                    ">   x()",
                    "error: one",
                ),
                *(
                    '  File "a.py", line 3, in f',
                    "    f()",
                    "ValueError: x",
                    "a.c:3:5: warning: w",
                    "--> a.rs:1:2",
                ),
                *(
                    "diff --git a b",
                    "@@ -1,2 +1,2 @@",
                    "+x",
                    "test a ... ok",
                    "test b ... FAILED",
                    "$ make",
                ),
                *(
                    "plain words here",
                    "1 failed, 2 passed",
                    "Downloading x",
                    "----------",
                    "\tat a.b(C.java:3)",
                ),
                *(
                    "FAILED t.py::test_a - boom",
                    "t.py::test_a FAILED",
                    "  1: core::x",
                    "      at a.rs:1:2",
                ),
            ]
        ),
        min_size=30,
        max_size=200,
    ),
    st.integers(1, 12),
)
def test_whatever_a_run_holds_each_line_is_shown_or_counted(lines, times):
    text = "\n".join(
        f"{line}{' ' * 30}{number % 3}" if number % 5 else line
        for number, line in enumerate(lines * times)
    )
    proposal = BuildOutput().compress(Sample(text, ref=REF), AGGRESSIVE)
    if proposal is not None and proposal.fidelity is Fidelity.RECOVERABLE:
        checked(text, policy=AGGRESSIVE)


def test_a_run_of_which_everything_decides_is_left_alone():
    lines = [
        f"{chr(97 + n % 26) * 9}{n}/part.c:{n}:5: error: '{chr(97 + n % 26) * 3}{n}' undeclared in this function"
        for n in range(110)
    ]
    assert len("\n".join(lines)) > 2_000 * 3.5
    assert compressed("\n".join(lines)) is None


def test_a_final_line_end_leaves_no_blank_line_before_the_last_mark():
    out = checked("\n".join([*PASSED[:450], "test tax ... FAILED", *PASSED[450:], ""]))
    assert out.split("\n")[-2] == PASSED[-1]


def test_a_word_of_the_question_that_many_lines_hold_is_no_name():
    lines = [f"scenario {n} of the kestrel is fine" for n in range(900)]
    out = checked("\n".join(lines), query="which scenario of the kestrel went wrong?")
    assert "scenario 450 " not in out


def test_a_frame_with_a_long_statement_ends():
    trace = [
        "boom in the shop",
        '  File "/home/user/shop/tax.py", line 3, in add',
        *(f"    part_{n}," for n in range(30)),
    ]
    out = among_passes(*trace)
    assert trace[0] in out
    assert trace[1] in out
    assert "part_3," in out


def test_what_goes_well_is_counted_by_its_kind():
    lines = [
        *[
            "[INFO] Tests run: 3, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s - in shop.ATest"
        ]
        * 60,
        *["shop/cart.py      120      0     100%"] * 60,
        *["0.27s setup    tests/test_shop.py::test_tax"] * 60,
        *["++ export PATH=/bin"] * 60,
        *["CONDA_SHLVL=1"] * 60,
        *["tests/test_shop.py::test_tax SKIPPED (no network) [ 12%]"] * 60,
        *["gcc -O2 -c part.c -o part.o"] * 60,
        *["Downloading tax-1.0.tar.gz (3 kB)"] * 60,
        *["   ━━━━━━━━━━ 1.2/3.4 MB 5.6 MB/s"] * 60,
        *["tests/test_shop.py ........                        [ 12%]"] * 60,
        "1 passed, 1 skipped in 0.1s",
    ]
    out = checked("\n".join(lines))
    for kind in (
        "passed",
        "fully covered",
        "timings",
        "shell trace",
        "settings",
        "skipped",
        "compiler calls",
        "progress",
    ):
        assert kind in out


def test_a_step_that_went_wrong_stands_though_it_reports_a_step():
    step = "Downloading tax-1.0.tar.gz failed: connection refused"
    assert step in among_passes(step)


def test_an_error_in_a_runners_bracket_stands_with_what_follows_after_a_blank_line():
    lines = [
        "[ERROR] Failed to execute goal on project till:",
        "  no rate for SEK",
        "",
        "  see the rates",
        "",
        "",
        "  far",
    ]
    out = among_passes(*lines, *(f"plain words {n}" for n in range(60)))
    assert lines[1] in out
    assert lines[3] in out


def test_frames_at_the_end_of_a_run_stand():
    lines = ["boom", *(f"    at shop.Part{n}.call(Part{n}.java:{n})" for n in range(30))]
    out = checked("\n".join([*PASSED, *lines]))
    assert "boom" in out
    assert lines[-1] in out


def test_a_line_that_points_nowhere_is_plain():
    out = among_passes(*(f"--> set rate {n} to something that is long enough" for n in range(200)))
    assert "--> set rate 150" not in out


def test_windows_line_ends_are_looked_through_and_kept():
    lines = [f"test item_{n} ... ok\r" for n in range(900)]
    lines[450] = "test tax ... FAILED\r"
    assert "test tax ... FAILED\r\n" in checked("\n".join(lines))


def test_a_mild_level_takes_the_alarm_out_of_a_word():
    lines = [
        f"[INFO] rate {'abcdefghij'[n % 10] * (1 + n // 10)} is unknown to this till"
        for n in range(200)
    ]
    out = among_passes(*lines)
    assert len([line for line in lines if line in out]) < 20

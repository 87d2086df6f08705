"""A failure is never hidden: any runner's, anywhere in a huge passing run."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from run_reading import checked, compressed

from headroom.policy import AGGRESSIVE, BALANCED

PASSING = {
    "pytest": "tests/test_shop.py::test_item_{n} PASSED                  [ 12%]",
    "pytest xdist": "[gw1] [ 12%] PASSED tests/test_shop.py::test_item_{n}",
    "unittest": "test_item_{n} (tests.test_shop.Shop) ... ok",
    "cargo": "test shop::tests::item_{n} ... ok",
    "go": "--- PASS: TestItem{n} (0.00s)",
    "jest": "    ✓ keeps the price of item {n} (3 ms)",
    "tap": "ok {n} - keeps the price",
    "gtest": "[       OK ] Shop.Item{n} (0 ms)",
    "maven": "[INFO] Tests run: 4, Failures: 0, Errors: 0, Skipped: 0, Time elapsed: 0.1 s - in shop.Item{n}Test",
    "unknown": "fine   item {n} keeps its price",
}
FAILING = [
    "tests/test_shop.py::test_tax FAILED                      [ 55%]",
    "tests/test_shop.py::test_tax ERROR                       [ 55%]",
    "[gw1] [ 55%] FAILED tests/test_shop.py::test_tax",
    "FAILED tests/test_shop.py::test_tax - assert 3 == 4",
    "ERROR tests/test_shop.py::test_tax - KeyError: 'x'",
    "test_tax (tests.test_shop.Shop) ... FAIL",
    "test_tax (tests.test_shop.Shop) ... ERROR",
    "FAIL: test_tax (tests.test_shop.Shop)",
    "ERROR: test_tax (tests.test_shop.Shop)",
    "test shop::tests::tax ... FAILED",
    "--- FAIL: TestTax (0.00s)",
    "    --- FAIL: TestTax/with_discount (0.00s)",
    "FAIL\texample.org/shop\t0.013s",
    "FAIL src/shop.test.js",
    "    ✕ adds the tax (5 ms)",
    "  ● shop › adds the tax",
    "  ✖ adds the tax (2.56ms)",
    "not ok 512 - adds the tax",
    "[  FAILED  ] Shop.Tax (12 ms)",
    "[ERROR] Tests run: 4, Failures: 1, Errors: 0, Skipped: 0 <<< FAILURE! - in shop.TaxTest",
    "shop.TaxTest > addsTheTax() FAILED",
    "Test Case '-[Shop testTax]' failed (0.103 seconds).",
    "  Failed addsTheTax [12 ms]",
    "12/40 Test #12: tax ....................***Failed    0.01 sec",
    "FAIL: x",
    "✗ adds the tax",
    "(fail) shop > adds the tax [1.20ms]",
    "shop/tax.c:12:5: error: 'rate' undeclared",
    "error[E0308]: mismatched types",
    "src/tax.ts(12,5): error TS2322: Type 'string' is not assignable to type 'number'.",
    "thread 'main' panicked at src/tax.rs:3:5:",
    "panic: runtime error: index out of range [3] with length 3",
    "java.lang.IllegalStateException: no rate",
    "make: *** [Makefile:4: tax.o] Error 1",
    "Segmentation fault (core dumped)",
    "##[error]Process completed with exit code 1.",
    "npm ERR! code ELIFECYCLE",
    "Killed",
    "tests/test_tax.py ...F..                                 [ 55%]",
]


@settings(max_examples=400, deadline=None)
@given(
    runner=st.sampled_from(sorted(PASSING)),
    failing=st.sampled_from(FAILING),
    place=st.integers(0, 1_500),
    prefix=st.sampled_from(["", "2026-03-01T09:00:00.1234567Z ", "web-1  | ", "[09:00:01] "]),
    policy=st.sampled_from([BALANCED, AGGRESSIVE]),
)
def test_one_failing_line_in_a_huge_passing_run_stands(runner, failing, place, prefix, policy):
    lines = [prefix + PASSING[runner].format(n=number) for number in range(1_500)]
    lines.insert(place, prefix + failing)
    assert prefix + failing in checked("\n".join(lines), policy=policy).split("\n")


@pytest.mark.parametrize("failing", FAILING)
def test_a_failing_line_in_colour_stands(failing):
    lines = [f"\x1b[32mtest item_{number} ... ok\x1b[0m" for number in range(900)]
    lines.insert(431, f"\x1b[1m\x1b[31m{failing}\x1b[0m")
    assert lines[431] in checked("\n".join(lines)).split("\n")


@settings(max_examples=30, deadline=None)
@given(
    st.sets(st.integers(0, 1_999), min_size=1, max_size=12), st.sampled_from([BALANCED, AGGRESSIVE])
)
def test_every_failing_test_is_named(failed, policy):
    lines = [
        f"test item_{number:04} ... {'FAILED' if number in failed else 'ok'}"
        for number in range(2_000)
    ]
    out = checked("\n".join(lines), policy=policy).split("\n")
    assert all(f"test item_{number:04} ... FAILED" in out for number in failed)


def test_failing_tests_that_differ_in_a_parameter_are_all_named():
    lines = [f"test item_{number} ... ok" for number in range(900)]
    names = ["wait[5s]", "wait[10s]", "read[0x12ab]", "read[0x34cd]", "load[10%]", "load[20%]"]
    lines[300:300] = [f"FAILED tests/test_shop.py::test_{name} - boom" for name in names]
    out = checked("\n".join(lines))
    assert all(f"test_{name} - boom" in out for name in names)


def test_a_test_that_fails_twice_is_named_once():
    lines = [f"--- PASS: TestItem{number} (0.00s)" for number in range(900)]
    lines[300] = "--- FAIL: TestTax (0.01s)"
    lines[600] = "--- FAIL: TestTax (0.03s)"
    out = checked("\n".join(lines))
    assert lines[300] in out
    assert lines[600] not in out


def test_thousands_of_failing_tests_are_all_named_in_few_tokens():
    lines = [
        f"tests/test_shop.py::TestCart::test_item_{number:04} FAILED [ 12%]"
        for number in range(3_000)
    ]
    out = compressed("\n".join(lines))
    assert all(f"test_item_{number:04}" in out for number in range(3_000))
    assert len(out) < 0.5 * len("\n".join(lines))


def test_a_failing_test_that_a_summary_lists_again_is_told_there():
    lines = [f"tests/test_shop.py::test_{number} PASSED [ 12%]" for number in range(500)]
    lines[77] = "tests/test_shop.py::test_tax[a b] FAILED [ 15%]"
    lines += [
        "=== short test summary info ===",
        "FAILED tests/test_shop.py::test_tax[a b] - assert 3 == 4",
    ]
    out = checked("\n".join(lines))
    assert lines[-1] in out
    assert lines[77] not in out
    assert "1 failing (named elsewhere)" in out


@pytest.mark.parametrize(
    "summary",
    [
        "==== 3 failed, 120 passed, 2 warnings in 4.04s ====",
        "Ran 142 tests in 0.031s",
        "FAILED (failures=2, errors=1)",
        "test result: FAILED. 129 passed; 2 failed; 0 ignored; finished in 0.73s",
        "Tests:       2 failed, 40 passed, 42 total",
        "Test Suites: 1 failed, 3 passed, 4 total",
        "  40 passing (3s)",
        "[ERROR] Tests run: 40, Failures: 1, Errors: 0, Skipped: 0",
        "[INFO] BUILD FAILURE",
        "Found 12 errors in 3 files (checked 40 source files)",
        "✖ 12 problems (10 errors, 2 warnings)",
        "95% tests passed, 2 tests failed out of 40",
        "Process exited with exit code 3",
        "TOTAL                      812     13    98%",
        "OK (skipped=3)",
    ],
)
def test_a_summary_line_stands(summary):
    lines = [f"test item_{number} ... ok" for number in range(900)]
    lines.insert(600, summary)
    assert summary in checked("\n".join(lines)).split("\n")


def test_passing_tests_that_speak_of_errors_are_not_shown():
    lines = [
        f"tests/test_shop.py::test_error_{number}_is_raised PASSED [ 12%]"
        for number in range(2_000)
    ]
    out = checked("\n".join([*lines, "=== 2000 passed in 3.00s ==="]))
    assert len(out) < 600

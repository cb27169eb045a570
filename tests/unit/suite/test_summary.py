"""What `make test` says at its end."""

import pytest

from tests.support.suite.summary import Outcome, describe, summarise

GREEN = """\
============================= slowest 2 durations ==============================
2.50s call     tests/a.py::test_slow
0.75s setup    tests/a.py::test_quick[with spaces]
======================= 12 passed in 3.00s ========================
"""
RED = """\
12.00s call     tests/b.py::test_slower
FAILED tests/b.py::test_slower - AssertionError: 7 passed in 1.00s was printed
============ 2 failed, 30 passed, 1 skipped, 1 error in 84.20s (0:01:24) ============
"""


def outcome(said: str, code: int = 0, name: str = "job") -> Outcome:
    return Outcome(name, code, 3.2, said)


def test_counts_of_all_jobs_are_added() -> None:
    summary = summarise([outcome(GREEN), outcome(RED, 1), outcome("no tests here")])

    assert summary.line() == "42 passed, 3 failed, 1 skipped"
    assert not summary.green


def test_a_green_run_says_zero_failed_and_nothing_of_skips() -> None:
    summary = summarise([outcome(GREEN), outcome("quiet\n3 passed in 0.10s\n")])

    assert summary.line() == "15 passed, 0 failed"
    assert summary.green


@pytest.mark.parametrize("said", ["", "Found 3 errors in 1 file", GREEN])
def test_a_job_that_fails_without_a_failed_test_is_a_failure(said: str) -> None:
    summary = summarise([outcome(said, 2)])

    assert summary.failed == 1
    assert not summary.green


def test_only_the_closing_line_counts() -> None:
    assert summarise([outcome("== 99 passed in 1.00s ==\n" + GREEN)]).passed == 12


def test_the_slowest_of_all_jobs_come_first_and_the_last_line_is_plain() -> None:
    lines = describe([outcome(GREEN, name="one"), outcome(RED, 1, "two")], ["3.13"], 90).splitlines()

    assert [line.split()[2] for line in lines[1:4]] == [
        "tests/b.py::test_slower", "tests/a.py::test_slow", "tests/a.py::test_quick[with",
    ]  # fmt: skip
    assert "two: FAILED" in "\n".join(lines)
    assert "also on Python 3.13" in lines[-2]
    assert lines[-1] == "42 passed, 3 failed, 1 skipped"


def test_a_machine_without_another_python_is_told_so() -> None:
    assert "found no other Python" in describe([outcome(GREEN)], [], 1)


def test_what_a_job_said_is_shown_whole_under_its_name() -> None:
    assert outcome(RED, 1, "browser").told().splitlines()[1:] == RED.splitlines()
    assert "browser: FAILED (1)" in outcome(RED, 1, "browser").told()

import asyncpg
import pytest

from services.export.outcome import (
    MOST_ATTEMPTS,
    RETRY_AFTER,
    GiveUp,
    PermanentFailure,
    Retry,
    TransientFailure,
    after_failure,
)


def test_a_lasting_failure_is_not_tried_again() -> None:
    assert after_failure(PermanentFailure("not_found"), attempt=1, chance=0) == GiveUp("not_found")


@pytest.mark.parametrize("attempt", range(1, MOST_ATTEMPTS))
def test_a_passing_failure_waits_longer_each_time(attempt: int) -> None:
    assert after_failure(TransientFailure("timeout"), attempt=attempt, chance=0) == Retry(
        "timeout", RETRY_AFTER[attempt - 1]
    )


def test_the_last_attempt_gives_up_with_the_last_reason() -> None:
    assert after_failure(TransientFailure("timeout"), attempt=MOST_ATTEMPTS, chance=0) == GiveUp("timeout")


def test_retries_spread_but_never_wait_longer_than_said() -> None:
    pauses = [
        after_failure(TransientFailure("timeout"), attempt=2, chance=chance / 10) for chance in range(10)
    ]
    seconds = [decision.pause.total_seconds() for decision in pauses if isinstance(decision, Retry)]
    assert len(set(seconds)) == 10
    assert max(seconds) == RETRY_AFTER[1].total_seconds()


def test_a_database_that_went_away_is_a_passing_failure() -> None:
    decision = after_failure(asyncpg.ConnectionDoesNotExistError(), attempt=1, chance=0)
    assert decision == Retry("database_unavailable", RETRY_AFTER[0])


def test_a_bug_is_not_tried_again() -> None:
    assert after_failure(KeyError("x"), attempt=1, chance=0) == GiveUp("internal")

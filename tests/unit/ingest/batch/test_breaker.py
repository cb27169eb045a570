"""When a worker stops instead of emptying a topic into the dead letters."""

from services.ingest.batch.breaker import Limits, RefusalWindow

DEFAULT = Limits()


def test_a_hundred_refusals_in_a_row_are_borne_and_one_more_is_not() -> None:
    assert RefusalWindow().after([True] * 100, DEFAULT) is not None
    assert RefusalWindow().after([True] * 101, DEFAULT) is None


def test_the_row_goes_on_from_batch_to_batch_and_a_good_record_ends_it() -> None:
    window = RefusalWindow().after([True] * 60, DEFAULT)
    assert window is not None
    assert window.after([True] * 41, DEFAULT) is None
    better = window.after([False], DEFAULT)
    assert better is not None
    assert better.after([True] * 60, DEFAULT) is not None


def test_a_fifth_of_the_last_thousand_is_borne_and_more_is_not() -> None:
    fifth = [True, False, False, False, False] * 200
    assert RefusalWindow().after(fifth, DEFAULT) is not None
    quarter = [True, False, False, False] * 250
    assert RefusalWindow().after(quarter, DEFAULT) is None


def test_a_few_bad_records_at_the_very_start_are_no_bad_deployment() -> None:
    assert RefusalWindow().after([True, True, False, True], DEFAULT) is not None


def test_zero_means_no_limit() -> None:
    assert RefusalWindow().after([True] * 5_000, Limits(in_a_row=0, per_thousand=0)) is not None


def test_a_window_can_be_made_again_from_what_was_written() -> None:
    assert RefusalWindow([True] * 100).after([True], DEFAULT) is None


def test_a_window_that_was_tripped_is_unchanged() -> None:
    window = RefusalWindow()
    window.after([True] * 101, DEFAULT)
    assert not window.remembers_refusals

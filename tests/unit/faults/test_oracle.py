"""The oracle of the drill says what is lost, doubled, invented, misplaced or wrongly refused."""

from uuid import UUID

from tests.support.faults.ledger import Ledger, Place
from tests.support.faults.oracle import judge_log, judge_refusals, number_of

ONE, TWO = UUID(int=1), UUID(int=2)


def ledger_of(*events: tuple[UUID, Place]) -> Ledger:
    ledger = Ledger()
    for event_id, place in events:
        ledger.event_sent()
        ledger.event_acknowledged(event_id, place)
    return ledger


def test_a_log_that_holds_what_was_acknowledged_is_right() -> None:
    found = judge_log(
        ledger_of((ONE, Place(0, 0)), (TWO, Place(1, 0))), [(TWO, Place(1, 0)), (ONE, Place(0, 0))]
    )
    assert (found.lost, found.doubled, found.unknown, found.misplaced) == ([], [], [], [])


def test_an_acknowledged_event_that_is_not_logged_is_lost() -> None:
    assert judge_log(ledger_of((ONE, Place(0, 0)), (TWO, Place(0, 1))), [(ONE, Place(0, 0))]).lost == [TWO]


def test_an_event_logged_twice_is_doubled() -> None:
    found = judge_log(ledger_of((ONE, Place(0, 0))), [(ONE, Place(0, 0)), (ONE, Place(0, 0))])
    assert found.doubled == [ONE]


def test_an_event_that_nobody_sent_is_found_out() -> None:
    assert judge_log(ledger_of((ONE, Place(0, 0))), [(ONE, Place(0, 0)), (TWO, Place(0, 1))]).unknown == [TWO]


def test_an_event_of_unknown_fate_may_be_logged_or_not() -> None:
    ledger = ledger_of((ONE, Place(0, 0)))
    ledger.failed(TWO, TimeoutError())
    assert judge_log(ledger, [(ONE, Place(0, 0)), (TWO, Place(0, 1))]).unknown == []
    assert judge_log(ledger, [(ONE, Place(0, 0))]).lost == []


def test_the_log_holds_the_first_place_of_an_event_sent_twice() -> None:
    ledger = ledger_of((ONE, Place(0, 7)), (ONE, Place(0, 3)))
    assert judge_log(ledger, [(ONE, Place(0, 3))]).misplaced == []
    assert judge_log(ledger, [(ONE, Place(0, 7))]).misplaced == [(ONE, Place(0, 3), Place(0, 7))]


def test_dead_letters_are_held_against_the_bad_records_that_were_sent() -> None:
    ledger = Ledger()
    for number, place in enumerate((Place(0, 0), Place(0, 1), Place(0, 2))):
        ledger.poison_sent(number, "not_json")
        ledger.poison_acknowledged(number, place)
    found = judge_refusals(
        ledger,
        [
            (Place(0, 0), "not_json", 0),
            (Place(0, 0), "not_json", 0),
            (Place(0, 1), "bad_data", 1),
            (Place(0, 9), "bad_data", None),
        ],
    )
    assert found.missing == [Place(0, 2)]
    assert found.doubled == [Place(0, 0)]
    assert found.wrong == [(Place(0, 1), "not_json", "bad_data")]
    assert found.unknown == [(Place(0, 9), "bad_data")]


def test_the_number_of_a_bad_record_is_read_from_its_header() -> None:
    assert number_of('[{"name": "other", "value": "1"}, {"name": "drill", "value": "42"}]') == 42
    assert number_of("[]") is None

"""The memory of ids that were committed."""

from uuid import UUID

from services.ingest.batch.recent_ids import RecentIds
from services.ingest.log.event_key import event_key


def test_ids_are_remembered_for_at_least_the_capacity() -> None:
    recent = RecentIds(capacity=10)
    recent.add([event_key(1, UUID(int=number)) for number in range(25)])
    recent.add([event_key(1, UUID(int=number)) for number in range(25, 34)])
    assert all(event_key(1, UUID(int=number)) in recent for number in range(24, 34))


def test_ids_are_forgotten_in_the_end() -> None:
    recent = RecentIds(capacity=10)
    for number in range(100):
        recent.add([event_key(1, UUID(int=number))])
    assert event_key(1, UUID(int=0)) not in recent


def test_the_same_id_of_another_account_is_another_fact() -> None:
    recent = RecentIds()
    recent.add([event_key(1, UUID(int=5))])
    assert event_key(2, UUID(int=5)) not in recent


def test_a_database_that_went_back_makes_it_forget() -> None:
    recent = RecentIds()
    recent.add([event_key(1, UUID(int=5))])
    recent.clear()
    assert event_key(1, UUID(int=5)) not in recent

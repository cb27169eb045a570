"""What tests of the carrier share."""

import pytest

from tests.integration.producer.carrying import use
from tests.integration.producer.unreliable_broker import Broker


@pytest.fixture
def broker(monkeypatch: pytest.MonkeyPatch) -> Broker:
    """A broker in memory that every producer of the test reaches, whatever its address."""
    broker = Broker()
    use(broker, monkeypatch)
    return broker

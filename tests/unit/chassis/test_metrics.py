import pytest
from prometheus_client import CollectorRegistry

from services.chassis import metrics
from services.chassis.metrics import Declaration, counter, exposition, gauge, histogram


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Metrics declared by a test vanish with it."""
    monkeypatch.setattr(metrics, "REGISTRY", CollectorRegistry())
    monkeypatch.setattr(metrics, "_declared", {})


def test_a_declared_metric_is_counted_exposed_and_documented() -> None:
    seen = counter("bitacora_test_seen_total", "Things seen.", labels=("result",))
    gauge("bitacora_test_depth", "How deep.").set(3)
    histogram("bitacora_test_seconds", "How long.", buckets=(0.1, 1.0)).observe(0.5)
    seen.labels(result="ok").inc()
    body, content_type = exposition()
    assert b'bitacora_test_seen_total{result="ok"} 1.0' in body
    assert b"bitacora_test_depth 3.0" in body
    assert b'bitacora_test_seconds_bucket{le="1.0"} 1.0' in body
    assert content_type.startswith("text/plain")
    assert metrics.declared()[-1] == Declaration(
        "bitacora_test_seen_total", "counter", "Things seen.", ("result",)
    )


@pytest.mark.parametrize("name", ["bitacora_test_seen", "other_seen_total"])
def test_a_counter_has_our_prefix_and_ends_in_total(name: str) -> None:
    with pytest.raises(ValueError, match="must"):
        counter(name, "Things seen.")


def test_a_metric_is_declared_once() -> None:
    gauge("bitacora_test_depth", "How deep.")
    with pytest.raises(ValueError, match="twice"):
        gauge("bitacora_test_depth", "How deep.")


def test_a_label_that_may_hold_personal_data_is_refused() -> None:
    with pytest.raises(ValueError, match="personal"):
        gauge("bitacora_test_depth", "How deep.", labels=("phone",))

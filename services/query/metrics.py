"""What the query process counts."""

from services.chassis.metrics import counter, gauge, histogram

REQUESTS = counter(
    "bitacora_query_requests_total",
    "Requests answered, by route pattern.",
    labels=("method", "route", "status"),
)
REQUEST_SECONDS = histogram(
    "bitacora_query_request_seconds", "Seconds to answer a request.", labels=("route",)
)
LAG_SECONDS = gauge("bitacora_query_freshness_lag_seconds", "Age of the newest moment that can be read.")

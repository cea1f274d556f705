"""What is measured while pages are served (Prometheus)."""

from datetime import datetime

from prometheus_client import CollectorRegistry, Histogram

_BUCKETS = (0.01, 0.02, 0.03, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.5, 1, 2, 5, 10, 30, 60)
REGISTRY = CollectorRegistry()
_final_to_card = Histogram(
    "holdline_final_to_card_seconds", "From the final text to the card on an agent's socket",
    buckets=_BUCKETS, registry=REGISTRY,
)  # fmt: skip


def final_to_card(now: datetime, final_at: float) -> None:
    """Note one card; ``final_at`` is in seconds of the epoch."""
    _final_to_card.observe(max(0.0, now.timestamp() - final_at))

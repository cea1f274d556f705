"""What pages and programs read of retention."""

from collections.abc import Sequence
from typing import Protocol

from app.service.retention.records import OfferStock


class RetentionQueries(Protocol):
    """Blocking reads; every answer is detached from the database."""

    def stock(self) -> Sequence[OfferStock]: ...

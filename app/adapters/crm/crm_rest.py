"""The operator's CRM over REST: a customer by telephone number, with time-out, cache and breaker.

The breaker is the one of Nygard (2018), Release It!: after ``faults`` faults in a row nobody
is asked for a while, then one request tries again.
"""

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import yaml

from app.domain.calls.phone_number import PhoneNumber, parse_phone
from app.domain.households.customer_row import HEADINGS, NEEDED, CustomerRow, check_row

log = logging.getLogger(__name__)
_MOST_CACHED = 10_000


class CrmMappingError(ValueError):
    """The mapping file cannot be used; the text says why."""


@dataclass(frozen=True, slots=True)
class CrmMapping:
    """Where the CRM is asked and where each field is in its answer.

    ``url`` holds ``{phone}``; ``list_at`` is the path of the list of customers in the answer (dots
    between keys; empty where the answer is the list, or one customer); ``fields``: our field to the
    path within a customer. Seconds for ``timeout_s``, ``cache_s`` and ``rest_s``.
    """

    url: str
    fields: Mapping[str, str]
    list_at: str = ""
    headers: Mapping[str, str] | None = None
    timeout_s: float = 1.5
    cache_s: float = 300.0
    faults: int = 5
    rest_s: float = 30.0

    @classmethod
    def load(cls, path: Path) -> "CrmMapping":
        """Read a mapping from a YAML file. Raises CrmMappingError naming what is wrong."""
        try:
            made = cls(**yaml.safe_load(path.read_text(encoding="utf-8")))
        except (OSError, TypeError, yaml.YAMLError) as error:
            raise CrmMappingError(f"{path}: {error}") from None
        unknown = sorted(set(made.fields) - set(HEADINGS))
        missing = [name for name in NEEDED if name not in made.fields]
        if "{phone}" not in made.url:
            raise CrmMappingError(f"{path}: url needs {{phone}}, got {made.url!r}")
        if unknown or missing:
            raise CrmMappingError(
                f"{path}: fields lacks {', '.join(missing) or 'nothing'}; unknown are"
                f" {', '.join(unknown) or 'none'}"
            )
        return made


class RestCrm:
    """Implements CustomerSource. Thread-safe; blocking for at most ``timeout_s``."""

    def __init__(
        self, mapping: CrmMapping, clock: Callable[[], float] = time.monotonic,
        transport: httpx.BaseTransport | None = None, area_code: str = "",
    ) -> None:  # fmt: skip
        self._mapping = mapping
        self._clock = clock
        self._area_code = area_code
        self._client = httpx.Client(
            timeout=mapping.timeout_s, headers=dict(mapping.headers or {}), transport=transport
        )
        self._cache: OrderedDict[str, tuple[float, tuple[CustomerRow, ...]]] = OrderedDict()
        self._lock = threading.Lock()
        self._faults, self._open_until = 0, 0.0
        self._trying = False

    def find(self, phone: PhoneNumber | str) -> tuple[CustomerRow, ...]:
        """Households behind a number; what is no telephone number is not asked for.

        Faults are logged without personal data and give nothing: the call goes on with what our
        own books know.
        """
        found = phone if isinstance(phone, PhoneNumber) else parse_phone(phone, self._area_code)
        return self._find(found.number) if found is not None else ()

    def _find(self, phone: str) -> tuple[CustomerRow, ...]:
        now = self._clock()
        with self._lock:
            cached = self._cache.get(phone)
            if cached is not None and now - cached[0] < self._mapping.cache_s:
                return cached[1]
            if now < self._open_until or self._trying:
                return ()
            # after a rest one request tries the way for all the others
            self._trying = self._open_until > 0.0
        try:
            rows = self._ask(phone)
        except (httpx.HTTPError, ValueError, KeyError, TypeError) as error:
            self._fault(error)
            return ()
        finally:
            with self._lock:
                self._trying = False
        with self._lock:
            self._faults, self._open_until = 0, 0.0
            self._cache[phone] = (now, rows)
            while len(self._cache) > _MOST_CACHED:
                self._cache.popitem(last=False)
        return rows

    def close(self) -> None:
        self._client.close()

    def _fault(self, error: Exception) -> None:
        with self._lock:
            self._faults += 1
            opened = self._faults >= self._mapping.faults
            if opened:
                self._open_until = self._clock() + self._mapping.rest_s
        log.warning(
            "the CRM did not answer: %s%s", type(error).__name__,
            f"; not asked for {self._mapping.rest_s:.0f} s" if opened else "",
        )  # fmt: skip

    def _ask(self, phone: str) -> tuple[CustomerRow, ...]:
        answer = self._client.get(self._mapping.url.replace("{phone}", quote(phone, safe="")))
        if answer.status_code == httpx.codes.NOT_FOUND:
            return ()
        answer.raise_for_status()
        found = _at(answer.json(), self._mapping.list_at)
        people = found if isinstance(found, list) else [found]
        return tuple(row for each in people if (row := self._row(each)) is not None)

    def _row(self, person: Any) -> CustomerRow | None:
        cells = {name: _text(_at(person, path)) for name, path in self._mapping.fields.items()}
        checked = check_row(cells, self._area_code)
        if checked.row is None:
            fields = ", ".join(sorted({name for name, _ in checked.faults}))
            log.warning("the CRM's answer cannot be used: %s", fields)
        return checked.row


def _at(data: Any, path: str) -> Any:
    """What is at a path of keys and indices with dots between; None where there is nothing."""
    for key in filter(None, path.split(".")):
        if isinstance(data, list):
            data = data[int(key)] if key.isdigit() and int(key) < len(data) else None
        else:
            data = data.get(key) if isinstance(data, dict) else None
    return data


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(map(_text, value))
    return "" if value is None else str(value)

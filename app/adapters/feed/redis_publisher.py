"""Writes notices into a Redis Stream; an outage neither stops nor slows whoever publishes.

What cannot be sent is kept in order and sent later.
"""

import logging
import threading
import time
from collections import deque
from collections.abc import Sequence

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

log = logging.getLogger(__name__)
#: The most that a commit waits for Redis, once an outage; and what a page waits for an answer.
WRITE_TIMEOUT_S, LONGEST_WAIT_S = 0.5, 2.0
FIRST_WAIT_S = 0.1
#: TimeoutError is an OSError.
FAULTS = (redis.RedisError, OSError)
#: One atomic step: take the next numbers and append under them, so that they are in stream order.
#: Numbers jump where notices were dropped (ARGV 4) or where Redis has forgotten some (its counter
#: is below ARGV 3, the newest number known here; then it begins anew at the time, ARGV 2): whoever
#: reads on sees the gap. The notices themselves are ARGV 5 and on.
_APPEND = """
local seq = tonumber(redis.call('GET', KEYS[2]) or '0')
if seq < tonumber(ARGV[3]) or seq == 0 then
  seq = math.max(tonumber(ARGV[2]), tonumber(ARGV[3]) + 1)
end
seq = seq + tonumber(ARGV[4])
local text = ''
for at = 5, #ARGV do
  seq = seq + 1
  text = string.format('%.0f', seq)
  redis.call('SET', KEYS[2], text)
  redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], text .. '-0', 'n', ARGV[at])
end
return text
"""


class Outage:
    """Says once that Redis went away, and once that it is back."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._is_away = False

    @property
    def patience_s(self) -> float:
        """How long a page waits for an answer: hardly, while everybody knows that none comes."""
        return WRITE_TIMEOUT_S if self._is_away else LONGEST_WAIT_S

    def note(self, fault: Exception | None) -> None:
        with self._lock:
            before, self._is_away = self._is_away, fault is not None
        if fault is not None and not before:
            log.error("the live feed's Redis is away (%s): trying again", type(fault).__name__)
        if fault is None and before:
            log.warning("the live feed's Redis is back")


class Publisher:
    """Sends notices in each thread's order; those of an outage wait, the oldest are dropped."""

    def __init__(self, url: str, stream: str, counter: str, kept: int, outage: Outage) -> None:
        self._redis = redis.Redis.from_url(
            url, socket_timeout=WRITE_TIMEOUT_S, socket_connect_timeout=WRITE_TIMEOUT_S,
            retry=Retry(NoBackoff(), 1, (redis.ConnectionError,)),
        )  # fmt: skip
        self._append = self._redis.register_script(_APPEND)
        self._keys, self._kept, self._outage = [stream, counter], kept, outage
        self._known = self._dropped = 0
        self._waiting: deque[str] = deque()
        self._lock = threading.Lock()
        self._closing = threading.Event()
        self._catching_up: threading.Thread | None = None

    def publish(self, texts: Sequence[str]) -> None:
        """At once and together, or later where Redis is away. Never raises."""
        with self._lock:
            if self._catching_up is not None:
                self._keep(texts)
                return
        try:
            self._send(texts, 0)
        except FAULTS as fault:
            self._outage.note(fault)
            with self._lock:
                self._keep(texts)
                self._catch_up()

    def _send(self, texts: Sequence[str], dropped: int) -> None:
        now_ms = int(time.time() * 1000)
        seq = self._append(
            keys=self._keys, args=[self._kept, now_ms, self._known, dropped, *texts]
        )  # fmt: skip
        self.saw(int(seq))

    def saw(self, seq: int) -> None:
        """A number that was given out: no later one may be below it."""
        self._known = max(self._known, seq)

    def _keep(self, texts: Sequence[str]) -> None:
        self._waiting.extend(texts)
        while len(self._waiting) > self._kept:
            self._waiting.popleft()
            self._dropped += 1

    def _catch_up(self) -> None:
        if self._catching_up is None and not self._closing.is_set():
            self._catching_up = threading.Thread(target=self._run, name="feed", daemon=True)
            self._catching_up.start()

    def _run(self) -> None:
        wait_s = FIRST_WAIT_S
        while not self._closing.wait(wait_s):
            try:
                if not self._send_waiting():
                    return
            except FAULTS as fault:
                self._outage.note(fault)
                wait_s = min(LONGEST_WAIT_S, wait_s * 2)

    def _send_waiting(self) -> bool:
        """The oldest notices first, until none waits: then False, and the next go out directly."""
        while True:
            with self._lock:
                if not self._waiting:
                    self._catching_up = None
                    self._outage.note(None)
                    return False
                text, dropped = self._waiting[0], self._dropped
            self._send([text], dropped)
            with self._lock:
                self._dropped -= dropped
                if self._waiting and self._waiting[0] is text:
                    self._waiting.popleft()

    def close(self) -> None:
        self._closing.set()
        thread = self._catching_up
        if thread is not None:
            thread.join(2 * WRITE_TIMEOUT_S)
        self._redis.close()

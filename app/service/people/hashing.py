"""Where passwords are checked: two threads of their own, behind a queue that has an end.

Checking costs 25 ms of a core on purpose. On the threads that serve requests, twenty people who
log in at once would hold up every screen; without a bound, a stranger's guesses would too.
"""

import asyncio
import math
import secrets
import time
from concurrent.futures import ThreadPoolExecutor

from app.service.people.passwords import Verdict, check_password, hash_password
from app.service.thread_priority import step_back

_LOWER_PRIORITY = 5
#: What one check costs until one has been measured, in seconds.
_FIRST_GUESS_S = 0.03


class TooManyLogIns(Exception):  # noqa: N818  a refusal is no error
    """The queue of passwords to check is full: one more would wait too long."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(f"try again in {retry_after_s} s")
        self.retry_after_s = retry_after_s


class PasswordChecker:
    """Call it from one event loop. ``longest_queue`` counts those that wait and those at work."""

    def __init__(self, threads: int = 2, longest_queue: int = 200) -> None:
        self._pool = ThreadPoolExecutor(threads, "passwords", step_back, (_LOWER_PRIORITY,))
        self._threads, self._longest_queue = threads, longest_queue
        self._waiting = 0
        self._cost_s = _FIRST_GUESS_S
        #: Checked for unknown names, so that their answer takes as long as that of a known one.
        self._of_nobody = hash_password(secrets.token_urlsafe(16))

    def close(self) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def check(self, stored: str | None, given: str) -> Verdict:
        """Whether this is the password; None stands for a name that nobody has.

        Raises TooManyLogIns.
        """
        if self._waiting >= self._longest_queue:
            raise TooManyLogIns(1 + math.ceil(self._waiting * self._cost_s / self._threads))
        self._waiting += 1
        try:
            loop = asyncio.get_running_loop()
            return await loop.run_in_executor(self._pool, self._check, stored, given)
        finally:
            self._waiting -= 1

    def _check(self, stored: str | None, given: str) -> Verdict:
        began = time.monotonic()
        verdict = check_password(stored or self._of_nobody, given)
        self._cost_s = time.monotonic() - began
        return verdict

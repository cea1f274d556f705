"""How well own calls are heard: the word-error page."""

import asyncio
from datetime import date, datetime, timedelta
from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from app.service.calls.word_errors import LEAST_CHARACTERS, word_errors
from app.web.deps import deps_of
from app.web.people.auth import FloorUser, actor_of, log_access
from app.web.reads import CallReads
from app.web.render import page_of

router = APIRouter()
PERIODS: Final = (7, 30, 90)
_MOST: Final = 5000


@router.get("/word-errors")
async def page(
    request: Request, user: FloorUser, reads: CallReads, days: str = "", side: str = ""
) -> HTMLResponse:
    """Errors of the first and the revised finals in words that people have corrected."""
    shown = page_of(request, user)
    deps = deps_of(request)
    period = next((each for each in PERIODS if str(each) == days), 30)

    def build() -> str:
        since = deps.clock.now() - timedelta(days=period)
        corrected = [
            each for each in reads.corrected_words(since, _MOST)
            if side not in ("caller", "agent") or each.utterance.side == side
        ]  # fmt: skip
        log_access(deps, actor_of(user), "word_errors_viewed", "")

        def day_of(moment: datetime) -> date:
            return deps.local_time(moment).date()

        return shown.html(
            "word_errors.html", found=word_errors(corrected, day_of), periods=PERIODS,
            period=period, side=side, least=LEAST_CHARACTERS, status=deps.second_pass(),
        )  # fmt: skip

    return HTMLResponse(await asyncio.to_thread(build))

"""Voice messages: listen, call back, settle."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse

from app.service.callbacks.commands import SettleVoicemail
from app.web.deps import deps_of, feed_seq
from app.web.parameters import VoicemailKey
from app.web.people.auth import DeskUser, actor_of
from app.web.reads import CallbackReads
from app.web.render import page_of

router = APIRouter(prefix="/voicemails")


@router.get("")
async def voicemails(request: Request, user: DeskUser, reads: CallbackReads) -> HTMLResponse:
    page = page_of(request, user)
    seq = await feed_seq(page.deps)

    def build() -> str:
        return page.html("voicemails.html", rows=reads.voicemails(), seq=seq)

    return HTMLResponse(await asyncio.to_thread(build))


@router.post("/{voicemail_id}/{action}")
async def settle(
    request: Request, user: DeskUser, voicemail_id: VoicemailKey, action: str,
    note: Annotated[str, Form(max_length=2000)] = "",
) -> RedirectResponse:  # fmt: skip
    command = SettleVoicemail(
        voicemail_id=voicemail_id, action=action, note=note, actor=actor_of(user)
    )
    await asyncio.to_thread(deps_of(request).bus.execute, command)
    return RedirectResponse("/voicemails", status_code=303)

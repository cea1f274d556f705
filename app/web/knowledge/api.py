"""What programs are told of the knowledge base: what an utterance means."""

import asyncio

from fastapi import Request
from pydantic import BaseModel, Field

from app.language.understanding.understood import Understanding
from app.web.answers import api_router, problems
from app.web.deps import deps_of
from app.web.parameters import Text
from app.web.people.auth import CurrentProgram

router = api_router()


class UnderstandIn(BaseModel):
    """The body of ``POST understand``: one utterance."""

    text: Text = Field(max_length=10_000)


class FaqOut(BaseModel):
    """An entry of the FAQ that answers; ``score`` from 0 to 1."""

    id: str
    question: str
    score: float


class EvidenceOut(BaseModel):
    """Why: ``rule`` names the step, ``text`` the words, ``start``:``end`` their characters."""

    rule: str
    text: str
    score: float
    start: int
    end: int


class UnderstandingOut(BaseModel):
    """What an utterance means; ``action`` is act, clarify or none."""

    text: str
    intent: str
    family: str
    kind: str
    confidence: float
    action: str
    slots: dict[str, str]
    faq: list[FaqOut]
    evidence: list[EvidenceOut]

    @classmethod
    def of(cls, heard: Understanding) -> "UnderstandingOut":
        """As the verb ``understand`` prints it."""
        return cls.model_validate(heard.as_json())


@router.post("/understand", responses=problems(422))
async def understand(
    request: Request, program: CurrentProgram, body: UnderstandIn
) -> UnderstandingOut:
    """Intent, slots, fitting entries of the FAQ and the evidence for them."""
    engine = deps_of(request).content.current().engine
    heard = await asyncio.to_thread(engine.understand, body.text)
    return UnderstandingOut.of(heard)

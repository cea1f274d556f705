"""What a card on the agent's screen holds."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class OfferCard:
    """An offer with the customer's own figures in its script. Money is in fen.

    ``accepted`` of ``answered``: what customers with the same reason said of late.
    """

    code: str
    name: str
    script: str
    months: int
    price_fen: int
    saved_fen: int
    gift: str
    disclosures: tuple[str, ...]
    accepted: int = 0
    answered: int = 0


@dataclass(frozen=True, slots=True)
class Comparison:
    """帮您算: totals over ``months``; ``competitor_fen`` where the caller named a price."""

    months: int
    now_fen: int
    offer_fen: int
    competitor_fen: int | None


@dataclass(frozen=True, slots=True)
class FaqCard:
    id: str
    question: str
    answer: str
    score: float


@dataclass(frozen=True, slots=True)
class GuideCard:
    """Guided steps: ``say`` now; ``trail``: (what was asked, answer); ``step`` may be an end.

    ``tried`` is the trail as a technician reads it; ``upgrade``: what to offer an old customer
    with an old box once the fault is solved, ``invite`` what to say where that is refused.
    """

    tree: str
    name: Mapping[str, str]
    step: str
    say: str
    trail: tuple[tuple[str, str], ...]
    tried: str
    heard_reply: str = ""
    upgrade: str = ""
    invite: str = ""


@dataclass(frozen=True, slots=True)
class BillFigures:
    """What is owed and what ending today would cost, in fen."""

    monthly_fen: int
    arrears_fen: int
    months_left: int
    penalty_fen: int

    @property
    def to_leave_fen(self) -> int:
        return self.arrears_fen + self.penalty_fen


@dataclass(frozen=True, slots=True)
class PlanFigures:
    """A plan beside the customer's own: this month's bill when it changes today, a year, in fen."""

    name: str
    monthly_fen: int
    difference_fen: int
    first_bill_fen: int
    year_fen: int
    contract_months: int
    own: bool


@dataclass(frozen=True, slots=True)
class CareCard:
    """What goes before everything else: ``kind`` of service.calls.care, ``say`` first, ``steps``
    for the agent, the kind of ``ticket`` to open at once with its ``brief`` and ``promise``, a
    ``form`` to fill in; both empty where none."""

    kind: str
    say: str
    steps: tuple[str, ...]
    ticket: str = ""
    brief: str = ""
    promise: str = ""
    form: str = ""


@dataclass(frozen=True, slots=True)
class Topic:
    """Something else that the caller brought up and nobody has dealt with yet."""

    utterance_id: int
    intent: str
    text: str


@dataclass(frozen=True, slots=True)
class Card:
    """``kind``: idle, care, retention, clarify, negated, fault, complaint, form, answer. ``phase``
    of the case.

    ``evidence`` are the caller's own words; ``script`` is what to say; ``heard_reply`` is what
    the caller seems to have answered to the offer, or that the wish is taken back (a hint: only a
    click decides). ``form``: the form of prompts/agent/forms.yaml that fits; ``topics``: what waits
    under this card; ``care``: what goes before it; ``requests``: stops asked for in earlier calls.
    """

    kind: str
    phase: str = ""
    intent: str = ""
    confidence: float = 0.0
    utterance_id: int | None = None
    evidence: tuple[str, ...] = ()
    script: str = ""
    reason: str = ""
    case_id: int | None = None
    stop_kind: str = ""
    offers: tuple[OfferCard, ...] = ()
    refused: tuple[str, ...] = ()
    formalities: str = ""
    heard_reply: str = ""
    competitor: str = ""
    comparison: tuple[Comparison, ...] = ()
    answers: tuple[FaqCard, ...] = ()
    tickets: tuple[str, ...] = field(default=())
    corrected: bool = False
    guide: GuideCard | None = None
    form: str = ""
    bill: BillFigures | None = None
    plan_rows: tuple[PlanFigures, ...] = ()
    topics: tuple[Topic, ...] = ()
    care: CareCard | None = None
    requests: tuple[str, ...] = ()

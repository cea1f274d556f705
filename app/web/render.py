"""Jinja templates with translations, labels and the project's filters."""

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup, escape

from app.domain.people.permission import Permission, permissions_of
from app.language.knowledge.files import entry_fields
from app.language.understanding.faq import FaqEntry
from app.language.understanding.redact import mask_number, redact
from app.service.calls.records import Utterance
from app.service.households.time_line import time_line
from app.service.people.records import User
from app.service.retention.calculators import yuan
from app.web.deps import WebDeps, deps_of, late_of
from app.web.i18n import Translator, language_of
from app.web.labels import LABELS

_environment = Environment(
    loader=FileSystemLoader(sorted(Path(__file__).parent.glob("**/templates"))),
    autoescape=select_autoescape(),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


def compile_templates() -> None:
    """All of them, before the forty people of a shift's start need them. Blocking."""
    for name in _environment.list_templates():
        _environment.get_template(name)


def _clock_text(ms: int) -> str:
    """Milliseconds as minutes and seconds."""
    return f"{ms // 60000}:{ms // 1000 % 60:02d}"


def hits(utterance: Utterance) -> Markup:
    """An utterance with the words that decided underlined and numbers masked."""
    text = utterance.text
    spans = _spans(utterance)
    if not spans:
        return escape(redact(text))
    out, at = Markup(), 0
    for start, end in spans:
        if start >= at:
            out += escape(text[at:start]) + Markup("<mark>{}</mark>").format(text[start:end])
            at = end
    return out + escape(text[at:])


def _spans(utterance: Utterance) -> list[tuple[int, int]]:
    heard = utterance.understanding
    if heard is None or redact(utterance.text) != utterance.text:
        return []
    return sorted(
        (e.start, e.end) for e in heard.evidence
        if e.rule not in ("classifier", "short_reply") and e.end > e.start
    )  # fmt: skip


def _seen_fields(entry: FaqEntry) -> str:
    """An entry as its editor saw it, for the comparison when it is saved."""
    return json.dumps(entry_fields(entry), ensure_ascii=False)


def in_chinese(kind: str, code: str) -> str:
    """A label as records keep it, whatever language the viewer reads."""
    return Translator("zh")(LABELS.get(kind, {}).get(code, code))


class Page:
    """Renders templates for one viewer."""

    def __init__(
        self, deps: WebDeps, language: str, user: User | None, late: Callable[[], int] = int
    ) -> None:
        """``late``: how many call-backs are past the promised time, asked where it is shown."""
        self.deps, self._late = deps, late
        self.translate = Translator(language)
        self.user = user

    def html(self, template: str, **values: Any) -> str:
        kinds = self.deps.content.current().engine.kinds
        language = self.translate.language

        def intent_name(intent: str) -> str:
            kind = kinds.get(intent)
            return str(kind.name.get(language, intent)) if kind is not None else ""

        return _environment.get_template(template).render(
            _=self.translate, lang=language, user=self.user, demo=self.deps.demo,
            label=self.label, yuan=yuan, mask=mask_number, redact=redact, hits=hits,
            clock=_clock_text, intent_name=intent_name, when=self._when, day=self._day,
            seen_fields=_seen_fields, time_line=time_line, now=self.deps.clock.now,
            may=self.may, offer_name=self._offer_name, late_callbacks=self._late,
            **values,
        )  # fmt: skip

    def may(self, *wanted: str) -> bool:
        """Whether the viewer has one of these permissions; templates name them as text."""
        has = permissions_of(self.user.role) if self.user is not None else frozenset()
        return any(Permission(each) in has for each in wanted)

    def label(self, group: str, key: str) -> str:
        found = LABELS[group].get(key)
        return self.translate(found) if found else key

    def _offer_name(self, code: str) -> str:
        offer = self.deps.content.current().offer(code)
        return offer.name if offer is not None else code

    def _when(self, moment: datetime | None) -> str:
        return f"{self.deps.local_time(moment):%m-%d %H:%M}" if moment else ""

    def _day(self, moment: datetime | None) -> str:
        return f"{self.deps.local_time(moment):%Y-%m-%d %H:%M:%S}" if moment else ""


def page_of(request: Request, user: User | None) -> Page:
    return Page(deps_of(request), language_of(request), user, late_of(request))


def respond(
    request: Request, user: User | None, template: str, status: int = 200, **values: Any
) -> HTMLResponse:
    """A whole page or a fragment as a response."""
    return HTMLResponse(page_of(request, user).html(template, **values), status_code=status)

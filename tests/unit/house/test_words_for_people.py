"""Whatever a person may meet has words, in both languages: refusals and lines of a call's log."""

from typing import get_args

import pytest

from app.domain.calls import vocabulary
from app.domain.calls.log_kind import QUIET, CallLogKind
from app.domain.refusal import RefusalCode
from app.web.i18n import Translator
from app.web.labels import LABELS, REFUSALS


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)


@pytest.mark.parametrize("code", RefusalCode)
def test_a_refusal_has_words_in_both_languages(code: RefusalCode) -> None:
    words = REFUSALS[code]
    assert _is_chinese(Translator("zh")(words)), "a Chinese screen would show English"
    assert Translator("en")(words) and not _is_chinese(Translator("en")(words))


def test_every_event_of_a_call_is_a_line_of_its_log() -> None:
    names = {event.__name__ for event in get_args(vocabulary.Event) if event not in QUIET}
    assert names <= {kind.value for kind in CallLogKind}


@pytest.mark.parametrize("kind", CallLogKind)
def test_a_line_of_the_log_has_words_in_both_languages(kind: CallLogKind) -> None:
    words = LABELS["call_event"][kind]
    assert _is_chinese(Translator("zh")(words)) and Translator("en")(words)
    assert set(LABELS["call_event"]) == {each.value for each in CallLogKind}

"""Whatever a person may meet has words, in both languages: refusals, names of states, lines of a call's log."""

import importlib
from pathlib import Path
from typing import get_args

import pytest

import app.web
from app.domain.calls import vocabulary
from app.domain.calls.log_kind import QUIET, CallLogKind
from app.domain.refusal import RefusalCode
from app.web.i18n import Translator
from app.web.labels import LABELS, REFUSALS, gathered


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


def test_every_subjects_words_are_gathered_once() -> None:
    web = Path(app.web.__file__).parent
    said = [importlib.import_module(f"app.web.labels.{file.stem}") for file in web.glob("labels/[!_]*.py")]
    assert len(said) >= 9
    assert all(LABELS[group] == codes for subject in said for group, codes in subject.LABELS.items())
    assert sum(len(subject.LABELS) for subject in said) == len(LABELS)
    assert all(REFUSALS[code] == words for subject in said for code, words in subject.REFUSALS.items())
    with pytest.raises(ValueError, match="role"):
        gathered([LABELS, {"role": {}}])


@pytest.mark.parametrize(("group", "code"), [(g, c) for g, codes in LABELS.items() for c, words in codes.items() if words])
def test_a_name_on_screens_has_words_in_both_languages(group: str, code: str) -> None:
    words = LABELS[group][code]
    assert _is_chinese(Translator("zh")(words)) and not _is_chinese(Translator("en")(words))

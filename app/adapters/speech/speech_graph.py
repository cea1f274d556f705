"""The decoding graph of the embedded speech model: lexicon and language model, expanded for CTC.

Mohri, Pereira, Riley (2002): Weighted finite-state transducers in speech recognition. Phone 0 is
the blank. Kaldi numbers the transitions of a phone, sherpa-onnx its outputs.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import kaldifst

from app.language.texts.pronounce import PHONE_AT, PHONES, Phones
from app.language.texts.trigram import Acceptor

_FIRST_DISAMBIGUATION = len(PHONES) + 1
Readings = Mapping[str, Sequence[Phones]]


@dataclass(frozen=True, slots=True)
class Numbering:
    """What stands on the arcs that say a phone (counted from 0) and that go on saying it."""

    file: str
    forward: Callable[[int], int]
    self_loop: Callable[[int], int]


KALDI = Numbering("HCLG.fst", lambda phone: 2 * phone + 2, lambda phone: 2 * phone + 1)
SHERPA = Numbering("graph.fst", lambda phone: phone + 1, lambda phone: phone + 1)


def _arc(source: int, target: int, cost: float, state: int) -> Any:
    return kaldifst.StdArc(source, target, cost, state)


def _lexicon(readings: Readings, ids: Mapping[str, int], backoff: int) -> Any:
    """Phones to words, a loop at state 0; words that sound alike end in different symbols."""
    fst = kaldifst.StdVectorFst()
    fst.add_state()
    fst.start = 0
    fst.set_final(0, 0.0)
    alike: dict[Phones, list[str]] = defaultdict(list)
    for word, spoken in readings.items():
        for phones in spoken:
            alike[tuple(phones)].append(word)
    beginnings = {phones[:end] for phones in alike for end in range(1, len(phones))}
    for phones, words in alike.items():
        for number, word in enumerate(words):
            symbols = [PHONE_AT[phone] + 1 for phone in phones]
            if len(words) > 1 or phones in beginnings:
                symbols.append(_FIRST_DISAMBIGUATION + 1 + number)
            _chain(fst, symbols, ids[word])
    fst.add_arc(0, _arc(_FIRST_DISAMBIGUATION, backoff, 0.0, 0))
    return fst


def _chain(fst: Any, symbols: Sequence[int], word: int) -> None:
    """A path from state 0 back to it that says a word at its first symbol."""
    state = 0
    for at, symbol in enumerate(symbols):
        following = 0 if at == len(symbols) - 1 else fst.add_state()
        fst.add_arc(state, _arc(symbol, word if at == 0 else 0, 0.0, following))
        state = following


def _grammar(acceptor: Acceptor, ids: Mapping[str, int], backoff: int) -> Any:
    fst = kaldifst.StdVectorFst()
    for _ in range(acceptor.states):
        fst.add_state()
    fst.start = 0
    for source, target, word, cost in acceptor.arcs:
        if word is None:
            fst.add_arc(source, _arc(backoff, 0, cost, target))
        else:
            fst.add_arc(source, _arc(ids[word], ids[word], cost, target))
    for state, cost in acceptor.finals:
        fst.set_final(state, cost)
    return fst


class _Expansion:
    """CTC over a phone acceptor: a blank may stand between phones, and must between equal ones."""

    def __init__(self, source: Any, numbering: Numbering) -> None:
        self._source, self._numbering = source, numbering
        self._fst = kaldifst.StdVectorFst()
        self._open: dict[int, int] = {}
        self._blank: dict[int, int] = {}
        self._phone: dict[tuple[int, int], int] = {}

    def _state(self, table: dict[Any, int], key: Any) -> int:
        if key not in table:
            table[key] = self._fst.add_state()
        return table[key]

    def run(self) -> Any:
        start = self._fst.add_state()
        self._fst.start = start
        first = self._source.start
        self._fst.add_arc(start, _arc(0, 0, 0.0, self._state(self._open, first)))
        self._fst.add_arc(
            start, _arc(self._numbering.forward(0), 0, 0.0, self._state(self._blank, first))
        )
        todo, seen = [first], {first}
        while todo:
            state = todo.pop()
            for reached in self._expand(state):
                if reached not in seen:
                    seen.add(reached)
                    todo.append(reached)
        for state, blank in self._blank.items():
            self._fst.add_arc(blank, _arc(self._numbering.self_loop(0), 0, 0.0, blank))
            self._fst.add_arc(blank, _arc(0, 0, 0.0, self._state(self._open, state)))
        kaldifst.connect(self._fst)
        kaldifst.arcsort(self._fst, sort_type="ilabel")
        return self._fst

    def _expand(self, state: int) -> list[int]:
        here = self._state(self._open, state)
        final = self._source.final(state).value
        if not math.isinf(final):
            self._fst.set_final(here, final)
        reached = []
        for arc in kaldifst.ArcIterator(self._source, state):
            reached.append(arc.nextstate)
            if arc.ilabel == 0 or arc.ilabel >= _FIRST_DISAMBIGUATION:
                target = self._state(self._open, arc.nextstate)
                self._fst.add_arc(here, _arc(0, arc.olabel, arc.weight.value, target))
            else:
                self._say(here, arc)
        return reached

    def _say(self, here: int, arc: Any) -> None:
        phone, target = arc.ilabel - 1, arc.nextstate
        new = (target, phone) not in self._phone
        saying = self._state(self._phone, (target, phone))
        self._fst.add_arc(
            here, _arc(self._numbering.forward(phone), arc.olabel, arc.weight.value, saying)
        )
        if new:
            self._fst.add_arc(saying, _arc(self._numbering.self_loop(phone), 0, 0.0, saying))
            self._fst.add_arc(saying, _arc(0, 0, 0.0, self._state(self._open, target)))
            blank = self._state(self._blank, target)
            self._fst.add_arc(saying, _arc(self._numbering.forward(0), 0, 0.0, blank))


def write_graph(
    folder: Path, acceptor: Acceptor, readings: Readings, numbering: Numbering = KALDI
) -> int:
    """The graph, ``words.txt`` and ``phones.txt`` of a model; answers the graph's bytes."""
    words = ["<eps>", *sorted(readings)]
    ids = {word: at for at, word in enumerate(words)}
    backoff = len(words)
    lexicon = _lexicon(readings, ids, backoff)
    grammar = _grammar(acceptor, ids, backoff)
    kaldifst.arcsort(lexicon, sort_type="olabel")
    kaldifst.arcsort(grammar, sort_type="ilabel")
    composed = kaldifst.compose(lexicon, grammar)
    kaldifst.connect(composed)
    kaldifst.determinize_star(composed)
    kaldifst.minimize_encoded(composed)
    folder.mkdir(parents=True, exist_ok=True)
    graph = folder / numbering.file
    _Expansion(composed, numbering).run().write(str(graph))
    _write_symbols(folder / "words.txt", words)
    _write_symbols(folder / "phones.txt", ["<eps>", *PHONES])
    return graph.stat().st_size


def _write_symbols(path: Path, symbols: Sequence[str]) -> None:
    path.write_text("".join(f"{s} {at}\n" for at, s in enumerate(symbols)), encoding="utf-8")

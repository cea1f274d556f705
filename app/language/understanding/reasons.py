"""Why somebody wants to leave: told by words and meaning, beside words that are listed for it."""

import re
from collections.abc import Mapping

import numpy as np

from app.language.understanding.intents import LEAST, IntentClassifier
from app.language.understanding.learned import Floats, LearnedIntents
from app.language.understanding.lexicon import Hit, WordList
from app.language.understanding.normalise import Normalised
from app.language.understanding.slots import Slot

NONE, OTHER, DECEASED = "none", "other", "deceased"
_LEAVING = "disconnect"
#: How the views count (a product of experts, found on sentences that nothing learns from), and how
#: much likelier a listed word makes its reason.
_WORDS, _MEANING, _LISTED = 0.6, 0.6, 5.0
#: From which probability on a reason is believed: where one was asked for, where the caller speaks
#: of leaving, where a listed word tells it, and elsewhere.
ASKED, LEAVING, LISTED, ELSEWHERE = 0.3, 0.5, 0.5, 0.7
#: After a question for it, that none is told is this much less likely than among all utterances.
_NONE_ASKED = 0.5
#: A death is told of a person, and not of one who is only out: condoling the living is worst.
_PERSON = re.compile(
    "爸|妈|爹|娘(?!家)|爷|奶|婆|公(?!司|安|寓|里|交|众|告|共|园|布)|老伴|老头|老太|老人|丈夫|先生|爱人|媳妇|儿子|女儿|闺女|哥|姐|弟|妹|叔"
    "|姑|姨|舅|伯|姥|机主|户主|父|母|亲戚|爱人|那口子|孙子|孙女|老两口|人(?:走|没|不在|已经|都)|[他她](?:走|没|不在|去世|过世)"
)
_DEATH = re.compile(
    "走|没了|没(?:救|抢救|熬|挺|撑)|不在(?!家|这|服务|屋|线|了?家)|唔在|冇咗|去世|过世|离世|辞世|逝|死|入土|下葬|安葬|火化|后事|百年|闭.{0,2}眼|驾鹤|归西|西去|咽气"
    "|断气|[头三五七]七|葬|坟|丧|殡|遗|寿终|牺牲|撒手|天堂|生前|追悼|灵堂|吊唁|白事|销.{0,3}户口|离开(?:了?我们|人世)|老了?人|送走"
)
_ONLY_OUT = re.compile(
    "走了?(?:去|到|下楼|上班|买|打|接|遛|开会|出门|一会|半天|没多|就回)|刚走|下班|出去了|楼下"
)


class Reasons:
    """Tells reasons apart; safe from any thread. ``names``: the reasons of the sentence model."""

    def __init__(
        self, learned: LearnedIntents, lists: Mapping[str, WordList], names: tuple[str, ...] = ()
    ) -> None:
        self._lists = lists
        self._classifier = IntentClassifier(learned) if learned.families else None
        own = learned.families
        self._order = np.array([names.index(n) if n in names else -1 for n in own], np.int64)
        self._names = own

    def listed(self, normal: Normalised) -> Slot | None:
        """The reason whose longest word is said."""
        name, hit = self._longest(normal.text)
        return _slot(name, hit, normal) if hit is not None else None

    def told(
        self, normal: Normalised, wish: str, meant: Floats | None, *, asked: bool, family: str
    ) -> Slot | None:
        """The likeliest reason in an utterance, where it is likely enough.

        ``wish``: its words without dictation; ``meant``: the sentence model's probabilities;
        ``asked``: somebody asked for the reason; ``family``: what else the utterance means (what
        means nothing tells a reason by listed words alone).
        """
        if self._classifier is None:
            return self.listed(normal)
        listed, hit = self._longest(normal.text)
        words = self._classifier.probabilities([wish])[0][0]
        shares = self._shares(normal.text, words, meant, listed)
        if asked:
            shares = shares * np.where(np.array(self._names) == NONE, _NONE_ASKED, 1.0)
        shares = shares / shares.sum()
        best = int(shares.argmax())
        name = self._names[best]
        leaves = asked or family == _LEAVING
        if name in (NONE, OTHER):
            return self.listed(normal) if leaves else None
        if shares[best] < (ASKED if asked else _least(family, is_listed=name == listed)):
            return None
        return _slot(name, hit if name == listed else None, normal)

    def _shares(self, text: str, words: Floats, meant: Floats | None, listed: str) -> Floats:
        """What is thought of each reason, not yet summing up to 1."""
        logs = _WORDS * np.log(np.maximum(words, LEAST))
        if meant is not None:
            known = np.where(self._order >= 0, meant[self._order], LEAST)
            logs = logs + _MEANING * np.log(np.maximum(known, LEAST))
        names = np.array(self._names)
        shares = np.exp(logs - logs.max()) * np.where(names == listed, _LISTED, 1.0)
        return np.asarray(shares * (names != DECEASED) if not _tells_a_death(text) else shares)

    def _longest(self, text: str) -> tuple[str, Hit | None]:
        """The list with the longest word that is said, and where; of equals the first list."""
        hits = [(name, hit) for name, words in self._lists.items() for hit in words.find(text)]
        return max(hits, key=lambda item: item[1].end - item[1].start, default=("", None))


def _least(family: str, *, is_listed: bool) -> float:
    """From which probability on a reason is believed that nobody asked for."""
    if family == _LEAVING:
        return LEAVING
    if is_listed:
        return LISTED
    return ELSEWHERE if family != "none" else 1.0


def _tells_a_death(text: str) -> bool:
    """Words of a death beside a person who is not only out."""
    return bool(_DEATH.search(text) and _PERSON.search(text)) and not _ONLY_OUT.search(text)


def _slot(name: str, hit: Hit | None, normal: Normalised) -> Slot:
    """A reason that no single word tells has no place."""
    span = normal.raw_span(hit.start, hit.end) if hit is not None else (0, 0)
    return Slot("reason", name, *span)

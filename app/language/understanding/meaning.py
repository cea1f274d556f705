"""What a sentence says, by rules of words in order; what it denies, asks or only quotes is masked.

A rule is a line of tokens. A Latin name is a class of words, anything else the word itself: ``..``
is up to sixteen characters, ``.`` only words that add nothing (您的, 任何), ``$`` the end of the
clause, ``num`` and ``sum`` figures. In a word ``…`` is up to three characters, ``a!b!c`` is a
without b or c after.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from app.language.understanding.lexicon import Hit, WordList
from app.language.understanding.normalise import normalise
from app.language.understanding.numbers import NUMBER

_MASK = "□"
_END = "，"
_BREAKS = re.compile(r"[，。！；、,!;\n]+|(?<![0-9])\.|\.(?![0-9])")
_ASKS = re.compile("[？?]")
#: Without punctuation a particle, or a new address to the hearer, ends a clause.
_PARTICLES = re.compile("(?<=[哦啊嘛哈呀咯])(?=.)|(?<=[了的])(?=您|你|那您|那我|那就|我)")
#: Words between a negation and what it denies that do not change what is denied.
_EMPTY = (
    "任何|什么|啥|这个|那个|其他|别的|额外|另外|多余|所谓|再|多|您|你|给|帮|我们|我|的话|的|一分钱|一毛钱"
    "|半点|一点|一分|收|有|付|交|出|产生|要|会|了|也|都|就|是|这块|这边|费用|问题|全部|一律|可以|能|在|里面"
)
_TOKENS = {
    "..": f"[^{_MASK}]{{0,16}}?",
    ".": f"(?:{_EMPTY}|{_END})*?",
    "$": f"(?:的|了|啊|哦|哈|呢|您)*(?={_END}|$)",
    "num": f"(?:{NUMBER}|半|几|多少)",
    "sum": f"(?:{NUMBER}(?:块|元|毛|角|成|分钱|个点)|百分之{NUMBER})",
}
#: An A-not-A question, and a question word; what stands around is asked and not said.
_A_NOT_A = (
    "有没有|会不会|要不要|用不用|收不收|需不需要|能不能|可不可以|是不是|(?P<a>[^没不])不(?P=a)"
)
_ASKED = re.compile(
    f"(?:{_A_NOT_A})[^{_END}]{{0,14}}"
    f"|[^{_END}]{{0,14}}(?:(?<!剩)多少|几块|怎么办)"
    f"|[^{_END}]{{0,18}}(?:吗|么|是吧|对吧|对不对|[了过]没有|不)(?={_END}|$)"
)
#: The hearer is asked to agree with what was said, which stays said.
_ACCEPTED = re.compile(
    "(?:您|你)?(?:看|都|也|这个|这边|这样)*(?:能|可以|可不可以|能不能)?(?:接受|清楚|明白|知道|了解|理解|听清|同意|没问题"
    f"|可以|行|好|成)(?:的|了|一下)*(?:吗|吧|么|嘛|不)(?={_END}|$)"
)
_OTHERS = "他们|人家|师傅|同事|客服|营业员|业务员|网格员|电信|移动|联通|铁通|广电那边|别家|别人"
_QUOTED = re.compile(
    f"(?<![给跟向和])(?:您|你)(?:是不是|是|刚才|上次|刚刚)*(?:想|要|在)?(?:问|担心|说|怕|以为)(?!的对|得对|一声).{{0,24}}"
    f"|(?:{_OTHERS})[^{_END}我]{{0,8}}?(?:说|讲|告诉|承诺).{{0,20}}"
    f"|(?:{_OTHERS}).{{0,2}}(?:那边|那个|家|的)[^{_END}我]{{0,14}}"
    f"|(?:上次|上个月)[^{_END}我]{{0,16}}"
)
#: 转到别家去要赔: where somebody goes is no subject.
_GOING = re.compile(f"(?:转|换|去|到|跟|给|比|和)(?:到|成|去)?(?:{_OTHERS})(?:那边|那个|家|去)?")
#: 没有…这一条: the whole is denied, whatever it holds.
_FRAME = re.compile(
    f"没有?[^{_END}]{{0,14}}?(?:这一条|这回事|这种说法|这个说法|的说法|这种事|的事(?!情))"
    "|(?:不会|不是|没有)[^，我您]{0,3}?(?:(?:改|换|退|回|变|恢复)不(?:回|去|了)"
    "|(?:不能|没法|不可以|没办法)[^，]{0,2}(?:改|换|退|变|恢复))[来去回]{0,2}"
)
#: What was said before was wrong: it is not said.
_TAKEN_BACK = re.compile("^.{0,40}(?:看|说|弄|搞|算|记)错了")
_DOUBLY = re.compile("不是$|并非$|不可能$|哪能$")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """``classes``: alternatives by name; ``spellings``: words that are put right by their sound."""

    classes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    spellings: WordList = field(default_factory=WordList)

    def plain(self, raw: str) -> str:
        """The normal form with ends of clauses, and with words as they are written."""
        asked = _ASKS.sub("吗" + _END, raw)
        parts = (normalise(part).text for part in _BREAKS.split(asked))
        text = _END.join(self._respelt(part) for part in parts if part)
        return _PARTICLES.sub(_END, text)

    def _respelt(self, text: str) -> str:
        # the longest first, and nothing twice
        hits = sorted(self.spellings.find(text), key=lambda hit: hit.start - hit.end)
        for hit in hits:
            text = _put(text, hit)
        return text

    def rules(self, lines: Iterable[str]) -> "Rules":
        """Raises KeyError for a rule with an unknown class."""
        return Rules(tuple(re.compile(self._pattern(line)) for line in lines))

    def _pattern(self, line: str) -> str:
        return "".join(self._token(token) for token in str(line).split())

    def _token(self, token: str) -> str:
        if token in _TOKENS:
            return _TOKENS[token]
        if token.isascii():
            return f"(?:{'|'.join(_word(each) for each in self.classes[token])})"
        return f"(?:{_word(token)})"


def _put(text: str, hit: Hit) -> str:
    return text[: hit.start] + hit.word + text[hit.end :]


def _word(text: str) -> str:
    word, *without = text.split("!")
    pattern = re.escape(word).replace("…", f"[^{_END}{_MASK}]{{0,3}}?")
    return f"{pattern}(?!{'|'.join(map(re.escape, without))})" if without else pattern


@dataclass(frozen=True, slots=True)
class Rules:
    """Alternatives; empty ones match nothing."""

    patterns: tuple[re.Pattern[str], ...] = ()

    def first(self, text: str) -> str:
        """The words of the first rule that matches, empty where none does."""
        found = (pattern.search(text) for pattern in self.patterns)
        return next((match.group() for match in found if match), "")

    def masked(self, text: str) -> str:
        """The text without what the rules match, unless that is denied itself (不是没有)."""
        for pattern in self.patterns:
            text = pattern.sub(_unless_denied, text)
        return text


def _unless_denied(match: re.Match[str]) -> str:
    doubly = _DOUBLY.search(match.string[: match.start()]) or "不是" in match.group()
    return match.group() if doubly else _MASK * len(match.group())


def _hidden(match: re.Match[str]) -> str:
    return _MASK * len(match.group())


def own_words(text: str) -> str:
    """What the speaker says for themselves, with what others say or said masked."""
    kept = [match.span() for match in _GOING.finditer(text)]

    def hide(match: re.Match[str]) -> str:
        inside = any(start <= match.start() < end for start, end in kept)
        return match.group() if inside else _hidden(match)

    return _FRAME.sub(_hidden, _QUOTED.sub(hide, _TAKEN_BACK.sub(_hidden, text)))


def stated(text: str) -> str:
    """Own words without questions; asking the hearer to agree leaves what was said."""
    return _ASKED.sub(_hidden, _ACCEPTED.sub("", text))

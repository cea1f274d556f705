"""Sentences as numbers of words: the vocabulary of e5, less what Chinese callers never say."""

import re

from tokenizers import Tokenizer, models, pre_tokenizers

from .packed import Packed

FIRST, PAD, LAST, UNKNOWN = 0, 1, 2, 3
SPECIALS = 4
PREFIX = "query:"
_KEPT = re.compile("^▁?[一-鿿a-z0-9]+$")
_OF_PREFIX = ("▁", ":", "ry", "▁que")


def is_kept(piece: str) -> bool:
    """Chinese, digits, short Latin words, and what the prefix is spelled with."""
    bare = piece.strip("▁")
    chinese = any("一" <= c <= "鿿" for c in piece)
    return piece in _OF_PREFIX or (bool(_KEPT.match(piece)) and (chinese or len(bare) <= 2 or bare.isdigit()))


def kept_rows(packed: Packed) -> list[int]:
    """The rows of the word embedding that stay, in their order."""
    return [at for at, piece in enumerate(packed.pieces) if at < SPECIALS or is_kept(piece)]


def make_tokenizer(packed: Packed) -> Tokenizer:
    """A unigram tokenizer (Kudo, 2018) over the rows that stay."""
    rows = kept_rows(packed)
    words = [(packed.pieces[at], 0.0 if at < SPECIALS else packed.scores[at]) for at in rows]
    made = Tokenizer(models.Unigram(words, unk_id=UNKNOWN, byte_fallback=False))
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    return made


def numbers(tokenizer: Tokenizer, text: str) -> list[int]:
    """The whole row of a sentence: begin, prefix, words, end."""
    prefix = tokenizer.encode(PREFIX, add_special_tokens=False).ids
    return [FIRST, *prefix, *tokenizer.encode(text, add_special_tokens=False).ids, LAST]

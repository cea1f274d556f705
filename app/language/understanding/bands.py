"""Policy in probabilities: from where on a meaning is acted on, asked about, shown."""

from dataclasses import dataclass

#: What an operator sets (HOLDLINE_ACT_FROM, HOLDLINE_CLARIFY_FROM, HOLDLINE_ANSWER_FROM), unset.
ACT_FROM, CLARIFY_FROM, ANSWER_FROM = 0.68, 0.35, 0.30


@dataclass(frozen=True, slots=True)
class Bands:
    """Policy: from which probability on to act, and from which on to ask.

    ``strange``: with a greater share of unknown syllable pairs nothing is disconnected unasked, nor
    with less than the share ``wish`` of the classifier's probability on a wish (where the words say
    one, but neither negated nor asked), nor where the recogniser's confidence is below ``heard``.
    ``hint``: a stop that is likelier than this, and of which a cue word is said, is asked about.
    """

    act: float = ACT_FROM
    clarify: float = CLARIFY_FROM
    faq_show: float = ANSWER_FROM
    strange: float = 0.6
    wish: float = 0.65
    hint: float = 0.2
    heard: float = 0.75

"""Words that must not be said as they are: promises, unprovable claims, offers without terms."""

import re
from collections.abc import Iterable, Iterator

from app.language.knowledge.findings import Finding, OfferTerms, Passage

_WHO = "专人|师傅|主管|班长|工作人员|网格员|客户经理|我们"
_DO = "登记|查|核|派|报|改|补|安排|约|重发|重置|办|关|退|催|联系|记|处理|算|转告|通知|下发"
_NOW = "(?:马上|现在|这就|先|会|都|尽快)*"
#: Somebody will do something for the caller: only what is recorded is done.
PROMISES = (
    re.compile(f"我们?{_NOW}(?:再)?(?:给|帮|为|替)您[^，。；]{{0,4}}?(?:{_DO})"),
    re.compile(f"我{_NOW}(?:登记|记下|记录|通知|报抢修|派|安排)"),
    re.compile(
        f"(?:{_WHO}){_NOW}[^，。；]{{0,12}}?"
        "(?:联系您|给您|回电|回话|答复您|跟您|打给您|短信通知您|尽快到|到现场)"
    ),
    re.compile("(?:给您|为您|帮您)(?:回电|回话|打过去|答复|派|登记|安排|报修|催)"),
    re.compile("(?:小时|分钟|天)内[^，。；]{0,4}(?:回电|到现场|联系您|答复您)"),
)
#: What nobody can prove or keep, and what is not so.
UNPROVEN = re.compile(
    "比[^，。；]{0,8}(?:更|都|还)?(?:合算|划算|便宜|优惠|强)|更(?:合算|划算)|(?:全网|全国|业内)最|独家"
    "|最(?:便宜|快|好|低|划算|优惠|稳定)|不会自动扣费|(?<!不)绝对|(?<![不没低])保证(?!金)|百分之?百|100%"
    "|(?:永久|终身|永远)(?:免费|不|优惠)|(?:一定|肯定)(?:能|会|可以|修|好|给)|万无一失"
)
_TERM = re.compile(r"合约[^。；]{0,10}?(?:[一二两三半\d]+年|\d+个月|\{months\})|[一二两三]年合约")
_NO_CONTRACT = re.compile("不(?:另|用)?签合约|没有合约|无合约")
_NO_WAY_BACK = re.compile("不能退回|不能改回|改不回|退不回")
#: An offer that lasts as long as this is taken for a contract unless it says that it is none.
_LONG_MONTHS = 12


def broken_words(passages: Iterable[Passage]) -> Iterator[Finding]:
    """Promises that nothing records, and claims that cannot be proved."""
    for passage in passages:
        if not passage.kept and (promise := _promise(passage.text)):
            yield Finding("promise", passage.where, promise)
        for found in UNPROVEN.finditer(passage.text):
            yield Finding("unproven", passage.where, found[0])


def _promise(text: str) -> str:
    """The first words of a text that promise something; empty: none do."""
    return next((found[0] for p in PROMISES if (found := p.search(text)) is not None), "")


def missing_terms(offers: Iterable[OfferTerms]) -> Iterator[Finding]:
    """Offers whose script keeps silent about what binds the customer."""
    for offer in offers:
        for missing in _missing(offer):
            yield Finding("no_terms", offer.where, missing)


def _missing(offer: OfferTerms) -> Iterator[str]:
    binds = "penalty" in offer.disclosures
    if binds and not _TERM.search(offer.script):
        yield "合约期"
    if binds and "违约金" not in offer.script:
        yield "违约金"
    if not binds and offer.months >= _LONG_MONTHS and not _NO_CONTRACT.search(offer.script):
        yield "不签合约"
    if "irreversible" in offer.disclosures and not _NO_WAY_BACK.search(offer.script):
        yield "不能退回"

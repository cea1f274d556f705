"""On SQLite and PostgreSQL: the versions of the robot's voice."""

from dataclasses import replace

import pytest

from app.domain.people.actor import ROBOT
from app.domain.people.permission import Role, permissions_of
from app.domain.refusal import Forbidden, Invalid
from app.domain.robot.voice import SHIPPED, VoiceChoice, voice_choices
from app.service.notices import VOICE
from app.service.people.records import AuditEntry
from app.service.robot.commands import PublishVoice
from app.service.robot.records import VoiceVersion
from tests.contract.conftest import Shop
from tests.support.actors import as_user, named


def test_voices_are_published_and_read_newest_first(shop: Shop) -> None:
    shop.bus.context = replace(shop.bus.context, voices=voice_choices(("zf_xiaobei", "zf_xiaoxiao", "zm_yunxi")))
    boss = named("主管")
    assert shop.queries.voice_versions() == []
    first = shop.bus.execute(PublishVoice(voice="zm_yunxi+zf_xiaobei", pace=90, note=" 慢一点 ", actor=boss))
    second = shop.bus.execute(PublishVoice(voice=SHIPPED.voice, pace=100, actor=boss))
    newest, oldest = shop.queries.voice_versions()
    assert (newest.id, oldest.id) == (second, first) and newest.choice == SHIPPED
    assert oldest.choice == VoiceChoice("zf_xiaobei+zm_yunxi", 90) and (oldest.note, oldest.created_by) == ("慢一点", "主管")
    assert [notice.topics for notice in shop.notices[-2:]] == [frozenset({VOICE})] * 2
    with shop.reads() as reads:
        assert [v.id for v in reads.find(VoiceVersion)] == [first, second], "in key order, as the keeper reads them"
        lines = [e for e in reads.find(AuditEntry) if e.action == "voice_published"]
    assert [line.subject for line in lines] == ["zm_yunxi+zf_xiaobei 90 %", "zf_xiaoxiao 100 %"]


@pytest.mark.parametrize(("voice", "pace"), [("zm_nobody", 100), (SHIPPED.voice, 101), (SHIPPED.voice, 10**12), ("x" * 5000, 100), ("zm_yunxi", 100)])
def test_what_is_not_offered_here_changes_nothing(shop: Shop, voice: str, pace: int) -> None:
    """Without the model there is the shipped voice alone."""
    with pytest.raises(Invalid):
        shop.bus.execute(PublishVoice(voice=voice, pace=pace, actor=named("主管")))
    assert shop.queries.voice_versions() == []


def test_agents_and_the_robot_do_not_choose_it(shop: Shop) -> None:
    for actor in (replace(as_user(shop.agents["1001"]), permissions=permissions_of(Role.AGENT)), ROBOT):
        with pytest.raises(Forbidden):
            shop.bus.execute(PublishVoice(voice=SHIPPED.voice, pace=90, actor=actor))
    assert shop.queries.voice_versions() == []

"""The SIP leg's table and the room of a call: named transitions, and walks through everything."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.bridge.room import Room
from app.domain.calls import leg as machine
from app.domain.calls.ids import AGENT, CALLER, LegId
from app.domain.calls.leg import IN_CALL, OVER, Leg, LegState, Media, Send, SendFailure, Side, Tell
from app.domain.calls.modes import Mode, among, everybody, matrix

SECOND = LegId("agent-2")
events = st.one_of(
    st.sampled_from([180, 181, 183]).map(machine.PeerRang), st.booleans().map(machine.PeerAnswered),
    st.builds(machine.PeerOffered, st.booleans(), st.booleans()), st.sampled_from([0, 486, 487]).map(machine.PeerEnded),
    st.booleans().map(machine.RingOrdered), st.just(machine.AnswerOrdered()),
    st.just(machine.RejectOrdered(486, "Busy Here")), st.just(machine.HangUpOrdered()), st.just(machine.TimeRanOut()),
    st.just(machine.MediaLost()))


def _walk(side: Side, *taken: machine.Event) -> tuple[LegState, list[machine.Effect]]:
    leg = Leg(side=side)
    told: list[machine.Effect] = []
    for event in taken:
        leg, effects = machine.step(leg, event)
        told += effects
    return leg.state, told


@pytest.mark.parametrize(("side", "taken", "state", "effects"), [
    ("calling", [machine.PeerRang(180), machine.PeerAnswered(True)], "talking",
     [machine.TellRinging(180), Media.TAKE_REMOTE, Tell.ANSWERED]),
    ("calling", [machine.PeerRang(183), machine.PeerRang(180)], "early", [machine.TellRinging(183)]),
    ("calling", [machine.PeerAnswered(False)], "ending", [Send.BYE_OR_CANCEL, Media.CLOSE, machine.TellFailed(488, "Not Acceptable Here")]),
    ("calling", [machine.PeerEnded(486, "Busy Here")], "gone", [Media.CLOSE, machine.TellFailed(486, "Busy Here")]),
    ("calling", [machine.TimeRanOut(), machine.PeerAnswered(True), machine.PeerEnded(0)], "gone",
     [Send.BYE_OR_CANCEL, Media.CLOSE, machine.TellFailed(408, "Request Timeout"), Send.BYE_OR_CANCEL]),
    ("calling", [machine.PeerAnswered(True), machine.TimeRanOut()], "talking", [Media.TAKE_REMOTE, Tell.ANSWERED]),
    ("called", [machine.RingOrdered(), machine.RingOrdered(early=True), machine.RingOrdered(), machine.AnswerOrdered()], "talking",
     [Send.RINGING, Send.PROGRESS, Send.RINGING, Send.OK]),
    ("called", [machine.RejectOrdered(603, "Decline")], "gone", [SendFailure(603, "Decline"), Media.CLOSE]),
    ("called", [machine.PeerEnded(487), machine.AnswerOrdered()], "gone", [Media.CLOSE, machine.TellHungUp(487)]),
    ("called", [machine.AnswerOrdered(), machine.PeerOffered(True, True), machine.PeerOffered(True, True), machine.PeerOffered(True)], "talking",
     [Send.OK, Media.TAKE_REMOTE, Send.ANSWER_TO_OFFER, Tell.HELD, Media.TAKE_REMOTE, Send.ANSWER_TO_OFFER, Media.TAKE_REMOTE,
      Send.ANSWER_TO_OFFER, Tell.RESUMED]),
    ("called", [machine.AnswerOrdered(), machine.PeerOffered(False)], "talking", [Send.OK, Send.NOT_ACCEPTABLE]),
    ("called", [machine.AnswerOrdered(), machine.PeerOffered(True, True), machine.PeerEnded(0)], "gone",
     [Send.OK, Media.TAKE_REMOTE, Send.ANSWER_TO_OFFER, Tell.HELD, Media.CLOSE, machine.TellHungUp(0)]),
    ("called", [machine.AnswerOrdered(), machine.MediaLost()], "ending", [Send.OK, Send.BYE_OR_CANCEL, Media.CLOSE, machine.TellHungUp(408)]),
    ("called", [machine.HangUpOrdered(), machine.HangUpOrdered()], "ending", [Send.BYE_OR_CANCEL, Media.CLOSE])])
def test_what_follows(side: str, taken: list[machine.Event], state: str, effects: list[machine.Effect]) -> None:
    assert _walk(Side(side), *taken) == (state, effects)


_TOLD_OVER = (machine.TellFailed, machine.TellHungUp)


@given(st.sampled_from(Side), st.lists(events, max_size=30))
def test_a_leg_never_breaks_the_rules_of_sip(side: Side, taken: list[machine.Event]) -> None:
    leg, sent, told, closed = Leg(side=side), [], [], 0
    for event in taken:
        before = leg
        leg, effects = machine.step(leg, event)
        sent += [e for e in effects if isinstance(e, Send | SendFailure)]
        told += [e for e in effects if isinstance(e, machine.Tell | machine.TellRinging | machine.TellFailed | machine.TellHungUp)]
        closed += effects.count(Media.CLOSE)
        assert leg.side is side
        assert before.state not in OVER or leg.state in OVER, "nothing comes back from the end"
        assert (closed == 1) == (leg.state in OVER), "sound is open until the end, and closed once"
        if before.state in OVER:
            assert not {Media.TAKE_REMOTE, Send.OK, Send.ANSWER_TO_OFFER} & set(effects)
    finals = [s for s in sent if isinstance(s, SendFailure) or s is Send.OK]
    assert len(finals) <= 1, "one final response to one INVITE"
    assert side is Side.CALLED or not finals, "who called answers nothing"
    assert len([t for t in told if isinstance(t, _TOLD_OVER)]) <= 1, "the brain hears of an end once"
    held = [t for t in told if t in (Tell.HELD, Tell.RESUMED)]
    assert all(a is not b for a, b in zip(held, held[1:], strict=False))
    assert not held or held[0] is Tell.HELD


@given(st.sampled_from(Side), st.lists(events, max_size=12))
def test_any_leg_can_be_ended(side: Side, taken: list[machine.Event]) -> None:
    state, effects = _walk(side, *taken, machine.HangUpOrdered())
    assert state in OVER and Media.CLOSE in effects


# -- the room --------------------------------------------------------------------------------------

rooms = st.lists(st.one_of(
    st.tuples(st.just("join"), st.sampled_from([CALLER, AGENT, SECOND])),
    st.tuples(st.just("leave"), st.sampled_from([AGENT, SECOND])),
    st.tuples(st.sampled_from(["hold", "resume"]), st.sampled_from([None, CALLER, AGENT, SECOND])),
    st.tuples(st.just("connect"), st.dictionaries(st.sampled_from([CALLER, AGENT, SECOND]),
              st.frozensets(st.sampled_from([CALLER, AGENT, SECOND]))))), max_size=25)


@given(rooms)
def test_a_room_never_lets_hear_who_is_out_or_on_hold(taken: list[tuple[str, object]]) -> None:
    room = Room()
    for verb, what in taken:
        room = getattr(room, verb)(what)
        hears = room.in_force
        named = set(hears).union(*hears.values())
        assert named <= room.legs - room.held
        assert all(leg not in heard for leg, heard in hears.items()), "nobody hears itself"
        assert room.held <= room.legs
        assert room.in_use or not room.connected
        assert not room.held or room.in_use, "hold is for a talk that can be taken up"
    assert room.resume(None).held == frozenset()


def test_hold_and_resume_of_one_of_three() -> None:
    room = Room(legs=frozenset({CALLER, AGENT, SECOND})).connect(everybody([CALLER, AGENT, SECOND]))
    held = room.hold(CALLER)
    assert held.in_force == {AGENT: {SECOND}, SECOND: {AGENT}} and held.connected
    assert held.resume(CALLER) == room
    assert not room.hold(None).connected and room.hold(None).in_use
    assert not held.leave(SECOND).connected and held.leave(SECOND).held == {CALLER}
    assert held.leave(SECOND).leave(AGENT) == Room(legs=frozenset({CALLER}))


def test_nothing_is_held_where_nobody_talks() -> None:
    room = Room().join(CALLER)
    assert room.hold(CALLER) == room and not room.connect({CALLER: frozenset({AGENT})}).connected


@pytest.mark.parametrize(("mode", "heard_by_caller", "heard_by_agent", "heard_by_third"), [
    (Mode.TALK, {AGENT}, {CALLER}, None), (Mode.LISTEN, {AGENT}, {CALLER}, {CALLER, AGENT}),
    (Mode.WHISPER, {AGENT}, {CALLER, SECOND}, {CALLER, AGENT}),
    (Mode.BARGE, {AGENT, SECOND}, {CALLER, SECOND}, {CALLER, AGENT}), (Mode.CONSULT, None, {SECOND}, {AGENT})])
def test_the_modes(mode: Mode, heard_by_caller: object, heard_by_agent: object, heard_by_third: object) -> None:
    hears = matrix(mode, CALLER, AGENT, SECOND)
    assert (hears.get(CALLER), hears.get(AGENT), hears.get(SECOND)) == (heard_by_caller, heard_by_agent, heard_by_third)


def test_a_mode_of_three_takes_three() -> None:
    assert matrix(Mode.TALK, CALLER, AGENT) == everybody([CALLER, AGENT])
    with pytest.raises(ValueError, match="three"):
        matrix(Mode.WHISPER, CALLER, AGENT)
    assert among(everybody([CALLER, AGENT, SECOND]), frozenset({CALLER, AGENT})) == everybody([CALLER, AGENT])
    assert IN_CALL.isdisjoint(OVER)

"""Orders of the brain about one call, each to the verb that carries it out."""

from typing import TypeAlias, assert_never

from app.bridge.voice_call import VoiceCall
from app.link import messages as link

LegOrder: TypeAlias = (
    link.Ring | link.Answer | link.Reject | link.Dial | link.DropLeg | link.HangUp
)  # fmt: skip
SoundOrder: TypeAlias = (
    link.Connect | link.Hold | link.Resume | link.Play | link.StopPlaying | link.Record
)  # fmt: skip


def obey(call: VoiceCall, order: LegOrder | SoundOrder) -> None:
    """Carry an order out; one that does not fit the state of the call changes nothing."""
    match order:
        case link.Ring():
            call.ring(order.early)
        case link.Answer():
            call.answer()
        case link.Reject():
            call.reject(order.code, order.reason)
        case link.Dial():
            call.dial(order.leg, order.uri, order.name, order.timeout_s)
        case link.DropLeg():
            call.drop(order.leg)
        case link.HangUp():
            call.hang_up()
        case _:
            _sound(call, order)


def _sound(call: VoiceCall, order: SoundOrder) -> None:
    match order:
        case link.Connect():
            call.connect(order.hears)
        case link.Hold():
            call.hold(order.leg, order.key)
        case link.Resume():
            call.resume(order.leg)
        case link.Play():
            call.play(order.key, order.token, order.loop, order.leg)
        case link.StopPlaying():
            call.stop(order.leg)
        case link.Record():
            call.record(order.on)
        case _:
            assert_never(order)

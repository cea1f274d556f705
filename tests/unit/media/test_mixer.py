"""The mixer: sums, isolation, no clicks; and who needs no mixing at all."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from app.domain.calls.ids import LegId
from app.domain.calls.modes import everybody
from app.media.g711 import FRAME_BYTES, FRAME_SAMPLES, SILENT_PCM
from app.media.mixer import added, mix, routes

legs = st.sampled_from("abcde")
frames = st.dictionaries(legs, st.binary(min_size=FRAME_BYTES, max_size=FRAME_BYTES), max_size=5)
matrices = st.dictionaries(legs, st.frozensets(legs, max_size=4), max_size=5)


def _samples(pcm16: bytes) -> NDArray[np.int32]:
    return np.frombuffer(pcm16, "<i2").astype(np.int32)


def _tone(hz: int, at: int = 0, level: int = 10000) -> bytes:
    time = np.arange(at * FRAME_SAMPLES, (at + 1) * FRAME_SAMPLES) / 8000
    return (level * np.sin(2 * np.pi * hz * time)).astype("<i2").tobytes()


def _level_db(pcm16: bytes, hz: int, full: int = 10000) -> float:
    """How loud a tone is in a stretch of sound, against a full one."""
    sound = np.frombuffer(pcm16, "<i2").astype(float)
    wave = np.exp(-2j * np.pi * hz * np.arange(len(sound)) / 8000)
    return float(20 * np.log10(max(abs(sound @ wave) * 2 / len(sound) / full, 1e-9)))


@given(frames, matrices)
def test_each_listener_hears_the_sum_of_whom_it_hears_and_nothing_else(
    sound: dict[str, bytes], hears: dict[str, frozenset[str]]
) -> None:
    mixed = mix(sound, hears)
    assert mixed.keys() == hears.keys()
    for listener, heard in hears.items():
        total = sum((_samples(sound[s]) for s in heard if s in sound), np.zeros(FRAME_SAMPLES, np.int32))
        assert (_samples(mixed[listener]) == np.clip(total, -32768, 32767)).all()


@given(frames, matrices, matrices)
def test_a_change_ends_in_the_new_matrix_and_stays_between_both(
    sound: dict[str, bytes], hears: dict[str, frozenset[str]], before: dict[str, frozenset[str]]
) -> None:
    now, new = mix(sound, hears, before), mix(sound, hears)
    old = mix(sound, {listener: before.get(listener, frozenset()) for listener in hears})
    for listener in hears:
        a, b, between = _samples(old[listener]), _samples(new[listener]), _samples(now[listener])
        assert between[-1] == b[-1]
        assert (between >= np.minimum(a, b) - 2).all() and (between <= np.maximum(a, b) + 2).all()


def test_who_is_not_heard_is_absent() -> None:
    """Whisper: the supervisor is heard by the agent and is not in what the caller gets."""
    tones = {"caller": 440, "agent": 1000, "supervisor": 2500}
    hears = {"caller": frozenset({"agent"}), "agent": frozenset({"caller", "supervisor"}),
             "supervisor": frozenset({"caller", "agent"})}
    out: dict[str, bytes] = dict.fromkeys(tones, b"")
    for at in range(50):
        mixed = mix({leg: _tone(hz, at) for leg, hz in tones.items()}, hears)
        out = {leg: out[leg] + mixed[leg] for leg in tones}
    for listener, heard in hears.items():
        for speaker, hz in tones.items():
            level = _level_db(out[listener], hz)
            assert abs(level) < 1 if speaker in heard else level < -60, (listener, speaker, level)


def test_nobody_clicks_in_or_out() -> None:
    """A loud constant appears and vanishes: no step between neighbouring samples is audible."""
    loud = {"a": np.full(FRAME_SAMPLES, 16000, "<i2").tobytes()}
    apart: dict[str, frozenset[str]] = {"b": frozenset()}
    joined = {"b": frozenset({"a"})}
    heard = b"".join((mix(loud, apart)["b"], mix(loud, joined, apart)["b"], mix(loud, joined, joined)["b"],
                      mix(loud, apart, joined)["b"], mix(loud, apart)["b"]))
    assert np.abs(np.diff(_samples(heard))).max() <= 16000 // FRAME_SAMPLES + 1


def test_sums_are_cut_off_at_full_scale() -> None:
    loud = np.full(FRAME_SAMPLES, 30000, "<i2").tobytes()
    a, b, c = LegId("a"), LegId("b"), LegId("c")
    assert set(_samples(mix({a: loud, b: loud}, everybody((a, b, c)))[c])) == {32767}
    assert set(_samples(added([loud, loud, loud]))) == {32767}
    assert added([loud]) is loud


def test_without_sound_there_is_silence() -> None:
    assert mix({}, {"a": frozenset({"b"})}) == {"a": SILENT_PCM}
    assert mix({"b": SILENT_PCM}, {"a": frozenset({"b", "c"})}) == {"a": SILENT_PCM}


def test_two_parties_are_relayed_both_ways() -> None:
    both = routes({"a": frozenset("b"), "b": frozenset("a")})
    assert both.relayed == {"b": ("a",), "a": ("b",)} and not both.mixed


@given(matrices)
def test_who_hears_one_is_relayed_to_and_who_hears_several_is_mixed_for(hears: dict[str, frozenset[str]]) -> None:
    found = routes(hears)
    relayed = [(speaker, listener) for speaker, listeners in found.relayed.items() for listener in listeners]
    assert sorted(relayed) == sorted((next(iter(h)), leg) for leg, h in hears.items() if len(h) == 1)
    assert found.mixed == {leg for leg, h in hears.items() if len(h) > 1}

"""Speech models and hearing in words for people: screens, and ``holdline model list|advise``."""

from app.domain.refusal import RefusalCode
from app.web.i18n import N_

LABELS: dict[str, dict[str, str]] = {
    "model_role": {
        "first": N_("first pass"), "second": N_("second pass"), "voice": N_("voice"),
    },
    "model_use": {
        "embedded": N_("demonstration, tests, a start without internet"),
        "whisper-base": N_("hears every sentence once more and corrects it: for everybody"),
        "kokoro-82m": N_("the robot's and the simulated callers' natural voice"),
        "vosk-model-small-cn-0.22": N_("in production on a PC"),
        "vosk-model-cn-0.22": N_("in production on a server"),
        "vosk-model-cn-kaldi-multicn-0.15": N_("in production on a server"),
        "sherpa-onnx-streaming-zipformer-multi-zh-hans-2023-12-12":
            N_("prefers the operator's own words"),
        "sherpa-onnx-streaming-paraformer-bilingual-zh-en":
            N_("where English is spoken among Chinese"),
        "sherpa-onnx-sense-voice-zh-en-ja-ko-yue-2024-07-17":
            N_("where Cantonese is spoken"),
        "sherpa-onnx-paraformer-zh-small-2024-03-09": N_("on a small PC"),
    },
    "model_test": {
        "people": N_("157 natural human sentences"),
        "voices": N_("320 sentences by unheard natural voices"),
    },
    "second_pass": {
        "off": N_("Not used: no model is here, or HOLDLINE_SECOND_PASS=false."),
        "measuring": N_("Its speed is being measured."),
        "on": N_("Every sentence is heard again."),
        "too_slow": N_(
            "Switched off by measurement: this machine is too slow for it. What may wait is heard "
            "all the same. Use a faster machine or a smaller model: holdline model advise."
        ),
        "silent": N_(
            "It does not answer; calls go on by the first pass. The log says why; "
            "holdline model check NAME tries it."
        ),
    },
}  # fmt: skip

REFUSALS: dict[RefusalCode, str] = {}

#: What the verbs say besides.
LICENCE = N_("licence: {licence}")
LICENCE_IN_ARCHIVE = N_("licence: in its archive")
ERRORS = N_("syllables wrong {toneless:.1%} (tones aside), characters {cer:.1%}: {test}")
NO_ERRORS = N_("errors not measured here")
SPEED = N_("{cpu:.3f} CPU-s a second of speech, {memory} MB")
SOURCE = N_("from {place}")
CAN_BE_FETCHED = N_("can be fetched")
NOT_HERE = N_("not here: holdline model fetch {name}, then ask again")
MACHINE = N_("This machine: {cores} cores, {memory} MB memory")
FIRST_CALLS = N_("up to {calls} two-sided calls")
SECOND_CALLS = N_("{once} two-sided calls with 95 of 100 sentences within 1 s, {calls} within 2 s")
TIGHT = N_("one call, but some sentences later than 2 s")
TOO_SLOW = N_(
    "switched off by measurement: {wall:.2f} s for a second of speech, {limit:.2f} at most"
)
FAULT = N_("cannot be used: {why}")
ADVICE = N_("Use: {first} first, {second} second: up to {calls} two-sided calls at once")
ADVICE_ONE = N_("Use: {first} alone: up to {calls} two-sided calls at once")
ADVICE_NONE = N_("No model fits this machine: use a faster one")
COMMAND = N_("With: holdline model use {first} --second {second}")
ASSUMED = N_("Both sides speak 40 % of the time; nothing else works on the machine.")

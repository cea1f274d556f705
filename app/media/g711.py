"""G.711 mu-law and A-law (ITU-T G.711): tables made once, whole frames converted at a time.

PCM is signed 16-bit little-endian, 8000 Hz, mono, as ``bytes``. Payloads are one byte a sample.
Payload types are the static ones of RFC 3551: 0 (PCMU) and 8 (PCMA).
"""

import numpy as np
from numpy.typing import NDArray

PCMU = 0
PCMA = 8
RATE_HZ = 8000
FRAME_MS = 20
FRAME_SAMPLES = RATE_HZ * FRAME_MS // 1000
FRAME_BYTES = FRAME_SAMPLES * 2
SILENT_PCM = bytes(FRAME_BYTES)

_ULAW_BIAS = 132
_ULAW_CLIP = 32635


def _ulaw_decode_table() -> NDArray[np.int16]:
    code = ~np.arange(256, dtype=np.int32) & 0xFF
    magnitude = (((code & 0x0F) << 3) + _ULAW_BIAS) << ((code & 0x70) >> 4)
    value = magnitude - _ULAW_BIAS
    return np.where(code & 0x80, -value, value).astype("<i2")


def _ulaw_encode_table() -> NDArray[np.uint8]:
    sample = np.arange(65536, dtype=np.uint16).astype(np.int16).astype(np.int32) >> 2
    sign = np.where(sample < 0, 0x80, 0)
    magnitude = np.minimum(np.abs(sample), _ULAW_CLIP >> 2) + (_ULAW_BIAS >> 2)
    exponent = np.floor(np.log2(magnitude)).astype(np.int32) - 5
    mantissa = (magnitude >> (exponent + 1)) & 0x0F
    code: NDArray[np.uint8] = (~(sign | (exponent << 4) | mantissa) & 0xFF).astype(np.uint8)
    return code


def _alaw_decode_table() -> NDArray[np.int16]:
    code = np.arange(256, dtype=np.int32) ^ 0x55
    segment = (code & 0x70) >> 4
    base = ((code & 0x0F) << 4) + 8
    magnitude = np.where(segment == 0, base, (base + 0x100) << np.maximum(segment - 1, 0))
    return np.where(code & 0x80, magnitude, -magnitude).astype("<i2")


def _alaw_encode_table() -> NDArray[np.uint8]:
    sample = np.arange(65536, dtype=np.uint16).astype(np.int16).astype(np.int32) >> 3
    mask = np.where(sample >= 0, 0xD5, 0x55)
    magnitude = np.where(sample >= 0, sample, -sample - 1)
    segment = np.maximum(np.floor(np.log2(np.maximum(magnitude, 1))).astype(np.int32) - 4, 0)
    mantissa = (magnitude >> np.maximum(segment, 1)) & 0x0F
    code: NDArray[np.uint8] = (((segment << 4) | mantissa) ^ mask).astype(np.uint8)
    return code


_DECODE = {PCMU: _ulaw_decode_table(), PCMA: _alaw_decode_table()}
_ENCODE = {PCMU: _ulaw_encode_table(), PCMA: _alaw_encode_table()}
_TRANSCODE = {
    (a, b): _ENCODE[b][_DECODE[a].view(np.uint16)].tobytes()
    for a, b in ((PCMU, PCMA), (PCMA, PCMU))
}

NAMES = {PCMU: "PCMU", PCMA: "PCMA"}


def encode(payload_type: int, pcm16: bytes) -> bytes:
    """One G.711 byte per PCM sample. Raises ValueError where half a sample is given."""
    payload: bytes = _ENCODE[payload_type].take(np.frombuffer(pcm16, dtype="<u2")).tobytes()
    return payload


def decode(payload_type: int, payload: bytes) -> bytes:
    """PCM16 of a G.711 payload, two bytes a sample."""
    samples: bytes = _DECODE[payload_type].take(np.frombuffer(payload, dtype=np.uint8)).tobytes()
    return samples


def transcode(source: int, target: int, payload: bytes) -> bytes:
    """The payload in the other law; unchanged where both are the same."""
    return payload if source == target else payload.translate(_TRANSCODE[source, target])


SILENT_PAYLOAD = {pt: encode(pt, SILENT_PCM) for pt in (PCMU, PCMA)}

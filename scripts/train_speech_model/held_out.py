"""Natural voices that models are measured with; names alone, so that a bench loads nothing for them."""

#: No training sample is spoken by them or by a blend of them.
HELD_OUT = ("zf_xiaoyi", "zm_yunyang", "am_michael", "bf_emma")
#: Those whose own language is Mandarin.
HELD_OUT_MANDARIN = tuple(name for name in HELD_OUT if name.startswith("z"))

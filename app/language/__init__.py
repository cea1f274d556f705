"""Understanding of Mandarin utterances. Pure: no I/O beyond what libraries load at import."""

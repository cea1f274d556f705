"""What every recognition engine says of a model that it cannot use."""


class SpeechModelError(Exception):
    """The speech model is missing or broken; the text says what to do."""

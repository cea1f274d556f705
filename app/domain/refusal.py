"""Refusals: the business says no before anything is changed, in words that can be translated."""


class Refused(Exception):  # noqa: N818  a refusal is no error
    """What was asked is not allowed now. ``code`` is stable, ``detail`` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


class NotFound(Refused):
    """What was asked for does not exist."""


class Invalid(Refused):
    """A value that cannot be: an offer without a price, a ticket without an address."""


class Forbidden(Refused):
    """Whoever asks may not do this, whatever the state of things."""

    def __init__(self, detail: str) -> None:
        super().__init__("forbidden", detail)

"""Short messages to the world: written to the log by default, or posted to a gateway."""

import logging

import httpx

log = logging.getLogger(__name__)
_PATIENCE_S = 10.0


class LogGateway:
    """Implements MessageGateway without the outside: what would be sent is counted, not shown."""

    def send(self, phone: str, text: str) -> None:  # noqa: ARG002  personal data: not logged
        log.info("SMS of %d characters (no gateway is set: HOLDLINE_SMS_URL)", len(text))


class HttpGateway:
    """Implements MessageGateway: POSTs ``{"phone", "text"}`` as JSON; 2xx means taken."""

    def __init__(self, url: str) -> None:
        self._url = url

    def send(self, phone: str, text: str) -> None:
        """Raises OSError with the status or the fault, without personal data."""
        try:
            answer = httpx.post(self._url, json={"phone": phone, "text": text}, timeout=_PATIENCE_S)
        except httpx.HTTPError as error:
            raise OSError(f"the gateway cannot be reached: {type(error).__name__}") from None
        if not answer.is_success:
            raise OSError(f"the gateway answered {answer.status_code}")

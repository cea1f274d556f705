"""SIP addresses, as people type them."""

import pytest

from app.domain.calls.sip_uri import parse_sip_uri
from app.domain.refusal import Invalid


def test_sip_addresses() -> None:
    assert parse_sip_uri(" sip:1001@192.168.1.20 ") == ("1001", "192.168.1.20", 5060)
    assert parse_sip_uri("sip:a@pbx.local:5070;transport=udp") == ("a", "pbx.local", 5070)
    for bad in ("", "1001", "sip:@host", "sip:a@host:99999", "sip:a b@host", "http://a@b"):
        with pytest.raises(Invalid, match="expected sip:user@host"):
            parse_sip_uri(bad)

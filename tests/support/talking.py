"""A caller and an agent who talk: bare SIP peers on a running hotline."""

from tests.support.hotline import Hotline
from tests.support.sip import AgentPhone, Caller


def talk(hotline: Hotline, number: str, name: str = "1001", seconds: float = 30) -> tuple[Caller, AgentPhone]:
    """The caller of ``number`` and the phone of agent ``name``, once they are connected; fails after ``seconds``."""
    phone = AgentPhone()
    with hotline.log_in(name) as client:
        client.post("/desk/line", data={"line": phone.uri(name)})
        client.post("/desk/presence", data={"event": "go_ready"})
    caller = Caller(hotline.sip, number)
    caller.invite()
    caller.ack()
    hotline.wait_call(number, lambda c: c["phase"] == "talking", seconds)
    return caller, phone

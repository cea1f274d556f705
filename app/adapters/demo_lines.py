"""Where the phones of demo agents are: on the loopback, played by the simulator."""

FIRST_AGENT_PORT = 15101


def demo_line(index: int) -> str:
    """The SIP address of a demo agent's phone, where the simulator answers."""
    return f"sip:{1001 + index}@127.0.0.1:{FIRST_AGENT_PORT + index}"

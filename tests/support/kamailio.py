"""Kamailio as somebody's PBX: registrar with passwords, one number that leads to an extension."""

import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.servers import free_port, wait_for

_CONFIG = """\
debug=1
log_stderror=yes
fork=yes
children=2
disable_tcp=yes
listen=udp:127.0.0.1:{port}
loadmodule "tm.so"
loadmodule "sl.so"
loadmodule "pv.so"
loadmodule "rr.so"
loadmodule "maxfwd.so"
loadmodule "usrloc.so"
loadmodule "registrar.so"
loadmodule "siputils.so"
loadmodule "textops.so"
loadmodule "auth.so"
modparam("usrloc", "db_mode", 0)
modparam("tm", "fr_timer", 5000)
modparam("tm", "fr_inv_timer", 60000)
request_route {{
  if (!mf_process_maxfwd_header("10")) {{ sl_send_reply("483", "Too Many Hops"); exit; }}
  if (is_method("REGISTER")) {{
    if (!pv_www_authenticate("pbx", "{password}", "0")) {{ www_challenge("pbx", "0"); exit; }}
    save("location");
    exit;
  }}
  if (has_totag()) {{
    loose_route();
    if (is_method("ACK") && !t_check_trans()) {{ t_relay(); exit; }}
    t_relay();
    exit;
  }}
  if (is_method("CANCEL")) {{ if (t_check_trans()) t_relay(); exit; }}
  if (is_method("INVITE")) {{
    $rU = "{extension}";
    if (!lookup("location")) {{ sl_send_reply("480", "Not Registered"); exit; }}
    t_relay();
    exit;
  }}
  if (is_method("OPTIONS")) {{ sl_send_reply("200", "OK"); exit; }}
  sl_send_reply("405", "Method Not Allowed");
}}
"""


def pbx(folder: Path, extension: str, password: str) -> Iterator[str]:
    """``host:port`` of a PBX at which every call goes to one extension."""
    if shutil.which("kamailio") is None:
        pytest.skip("peer kamailio is not installed")
    port = free_port(socket.SOCK_DGRAM)
    config = folder / "kamailio.cfg"
    config.write_text(_CONFIG.format(port=port, extension=extension, password=password))
    run = ["kamailio", "-DD", "-E", "-f", str(config), "-m", "16", "-M", "4", "-P", str(folder / "pid"), "-Y", str(folder)]
    with (folder / "kamailio.log").open("wb") as log:
        server = subprocess.Popen(run, stdout=log, stderr=log)
    try:
        wait_for(lambda: _answers(port), 15, f"Kamailio: {(folder / 'kamailio.log').read_text()[-1500:]}")
        yield f"127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(10)


def _answers(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        probe.settimeout(0.3)
        here = probe.getsockname()[1]
        probe.sendto(f"OPTIONS sip:127.0.0.1:{port} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:{here};branch=z9hG4bKp\r\nFrom: <sip:p@127.0.0.1>;tag=1\r\n"
                     f"To: <sip:127.0.0.1>\r\nCall-ID: probe{here}\r\nCSeq: 1 OPTIONS\r\nMax-Forwards: 5\r\nContent-Length: 0\r\n\r\n".encode(), ("127.0.0.1", port))
        try:
            return probe.recv(2000).startswith(b"SIP/2.0 200")
        except OSError:
            return False

"""The brain as a web server: its pages, its routes, its run until it is told to stop."""

from concurrent.futures import ThreadPoolExecutor

import uvicorn
from fastapi import FastAPI
from starlette.routing import WebSocketRoute

from app.bootstrap.brain import build_brain
from app.link import codec
from app.memory import keep_out_what_is_loaded, share_pools
from app.settings import Settings, split_address
from app.web.app import create_app
from app.web.render import compile_templates


def build_web(settings: Settings) -> FastAPI:
    """The brain behind its pages; it runs while the application does. Raises StartError.

    While models load and voices speak, the pages are compiled: whoever comes first waits for none.
    """
    with ThreadPoolExecutor(1, "templates") as aside:
        compiled = aside.submit(compile_templates)
        brain = build_brain(settings)
        app = create_app(brain.web_deps(), brain)
        compiled.result()
    app.router.routes.append(WebSocketRoute(codec.PATH, brain.telephony.line.endpoint))
    return app


def run_web(settings: Settings) -> None:
    """Serve the brain until it is told to stop."""
    host, port = split_address(settings.http)
    share_pools()
    app = build_web(settings)
    keep_out_what_is_loaded()
    config = uvicorn.Config(
        app, host=host, port=port, log_level="warning", ws="websockets-sansio",
        ws_max_size=1 << 20, ws_ping_interval=10, ws_ping_timeout=20, ws_per_message_deflate=False,
        timeout_graceful_shutdown=2,
    )  # fmt: skip
    uvicorn.Server(config).run()

"""The log of every process: one line a message, time and level first.

Peers' data (numbers, names, speech) never stands in a message.
"""

import logging
import sys


def set_up_logging() -> None:
    """To standard error, from INFO on."""
    form = "%(asctime)s %(levelname)s %(name)s: %(message)s"
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=form)
    for noisy in ("httpx", "alembic"):
        logging.getLogger(noisy).setLevel(logging.WARNING)

"""Entry point of ``python -m app``: the same verbs as the command ``holdline``."""

import sys

from app.cli import main

sys.exit(main())

"""The JSON API, gathered from the subjects. What a token may do follows from its role's
permissions, as on the pages."""

from typing import Any

from fastapi import APIRouter, FastAPI

from app.web.answers import Problem
from app.web.callbacks import api as callbacks
from app.web.calls import api as calls
from app.web.field import api as tickets
from app.web.knowledge import api as knowledge
from app.web.queue import api as agents

router = APIRouter()
for _subject in (knowledge, calls, tickets, callbacks, agents):
    router.include_router(_subject.router)


class DescribedApp(FastAPI):
    """An application whose OpenAPI describes problems too."""

    def openapi(self) -> dict[str, Any]:
        schema = super().openapi()
        shapes = schema.setdefault("components", {}).setdefault("schemas", {})
        shapes.setdefault(Problem.__name__, Problem.model_json_schema())
        return schema

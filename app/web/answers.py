"""What answers of the API share: how moments are written, and how OpenAPI describes problems."""

from datetime import datetime
from typing import Annotated, Any

from fastapi import APIRouter, Security
from fastapi.security import HTTPBearer
from pydantic import BaseModel, Field, PlainSerializer, WithJsonSchema

PROBLEM_JSON = "application/problem+json"
#: ISO 8601 in UTC, with ``+00:00`` at its end.
Moment = Annotated[
    datetime,
    PlainSerializer(datetime.isoformat, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]


#: Only for OpenAPI: who asks is found out by ``people.auth.program_of``.
_bearer = HTTPBearer(auto_error=False, description="`holdline token create --role ROLE`")


def api_router(prefix: str = "") -> APIRouter:
    """For one subject's routes of the API; every route knows its whole path."""
    return APIRouter(prefix=f"/api/v1{prefix}", tags=["api"], dependencies=[Security(_bearer)])


class Problem(BaseModel):
    """What went wrong (RFC 9457)."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str = Field(default="", description="in English; left out where empty")
    code: str = Field(
        default="", description="stable: what a program may decide by; left out where there is none"
    )


_MEANING = {
    401: "No valid bearer token.",
    403: "The token's role may not do this.",
    404: "There is no such thing.",
    409: "Not possible as things stand now.",
    422: "The request cannot be understood, or asks for what cannot be.",
    503: "Nothing can be stored or read now; `Retry-After` says when to try again.",
}
#: What every route may answer instead.
ALWAYS = (401, 503)


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems that a route may answer, for its ``responses``."""
    schema = {"$ref": f"#/components/schemas/{Problem.__name__}"}
    content = {PROBLEM_JSON: {"schema": schema}}
    return {
        status: {"description": _MEANING[status], "content": content}
        for status in sorted({*statuses, *ALWAYS})
    }

"""The routes of the application, as its router has them, and a request that gets as far into each as it can."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import httpx
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute, APIWebSocketRoute
from pydantic import BaseModel
from starlette.routing import Mount, Route, WebSocketRoute

#: Everything that answers under a path.
AnyRoute = APIRoute | APIWebSocketRoute | Route | WebSocketRoute | Mount


def every_route(routes: Iterable[Any]) -> Iterator[AnyRoute]:
    """Included routers keep their routes to themselves."""
    for route in routes:
        if hasattr(route, "original_router"):
            assert not route.include_context.prefix, "a prefix given to include_router is not seen by this walk"
            yield from every_route(route.original_router.routes)
        else:
            assert isinstance(route, AnyRoute), f"{route} is of a kind that this walk does not know"
            yield route


def http_routes(routes: Iterable[Any]) -> Iterator[tuple[str, APIRoute]]:
    """Pages, fragments and the API, with each method."""
    for route in every_route(routes):
        if isinstance(route, APIRoute):
            for method in sorted((route.methods or set()) - {"HEAD"}):
                yield method, route


def _all(dependant: Dependant, kind: str) -> dict[str, Any]:
    found = {field.alias: field for field in getattr(dependant, kind)}
    for inner in dependant.dependencies:
        found |= _all(inner, kind)
    return found


def quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in (text or "-").encode())


class RouteRequest:
    """One route's request with ``usual`` values by name (or else "1"), of which one can be replaced."""

    def __init__(self, route: APIRoute, method: str, usual: Mapping[str, Any]) -> None:
        self.method, self.route, self.usual = method, route, usual
        self.path = _all(route.dependant, "path_params")
        self.query = _all(route.dependant, "query_params")
        body = _all(route.dependant, "body_params")
        model = next((f.field_info.annotation for f in body.values()
                      if isinstance(f.field_info.annotation, type) and issubclass(f.field_info.annotation, BaseModel)), None)
        #: The fields of a JSON body.
        self.fields = list(model.model_fields) if model is not None else []
        self.files = {n for n, f in body.items() if "UploadFile" in str(f.field_info.annotation)}
        self.form = set() if model is not None else set(body) - self.files

    def names(self) -> list[str]:
        """What can be replaced."""
        return [*self.path, *self.query, *self.form, *self.files]

    def json(self) -> dict[str, Any]:
        return {field: self.usual.get(field, "1") for field in self.fields}

    def send(self, client: httpx.Client, name: str = "", odd: str = "", **options: Any) -> httpx.Response:
        """With ``odd`` in the parameter ``name``."""
        def value(each: str) -> str:
            return odd if each == name else str(self.usual.get(each, "1"))

        path = self.route.path
        for each in self.path:
            path = path.replace(f"{{{each}}}", quoted(value(each)))
        given: dict[str, Any] = {"params": {q: value(q) for q in self.query if q == name or self.query[q].field_info.is_required()}, **options}
        if self.files:
            given["files"] = {f: (value(f)[:50] or "x", value(f).encode()) for f in self.files}
        if self.form or self.files:
            given["data"] = {f: value(f) for f in self.form}
        if self.fields:
            given["json"] = self.json()
        try:
            return client.request(self.method, path, **given)
        except httpx.TransportError:
            # the server ended a connection that was kept open; a second time would be its fault
            return client.request(self.method, path, **given)

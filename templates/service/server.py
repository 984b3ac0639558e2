"""The HTTP face of this service, the same for every service. `interface.py` says what it takes, `executor.py` works.

POST /execute takes what `Input` describes and answers what `Output` describes: 422 for a body that does not fit, 500
with a request id for a failure (the traceback is in the log under that id), 504 when the time limit has passed.
"""

import asyncio
import html
import json
import logging
import sys
import threading
import uuid
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

from executor import execute
from fastapi import FastAPI, HTTPException, Request
from fastapi.encoders import jsonable_encoder
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, JSONResponse, Response
from interface import Input, Output
from pydantic import ValidationError
from pydantic.json_schema import models_json_schema

SERVICE: dict[str, Any] = json.loads((Path(__file__).parent / "service.json").read_text(encoding="utf-8"))
TIME_LIMIT = float(SERVICE.get("resources", {}).get("timeout", 60))
WORKERS = 8

logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
log = logging.getLogger("service")
pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="execute")
overdue: set["Future[Any]"] = set()

app = FastAPI(title=SERVICE["title"], description=SERVICE["summary"], version="1", docs_url=None, redoc_url=None)


@app.middleware("http")
async def name_request(request: Request, call_next: Any) -> Response:
    request.state.id = uuid.uuid4().hex[:12]
    response: Response = await call_next(request)
    response.headers["X-Request-Id"] = request.state.id
    return response


@app.exception_handler(RequestValidationError)
async def refuse(_: Request, error: RequestValidationError) -> Response:
    # What was sent is not sent back: it may be a file of many megabytes.
    faults = [{key: value for key, value in fault.items() if key not in ("input", "ctx")} for fault in error.errors()]
    for fault in faults:
        fault["msg"] = fault["msg"].removeprefix("Value error, ")
    return JSONResponse({"detail": jsonable_encoder(faults)}, status_code=422)


@app.get("/healthz")
async def healthz() -> Response:
    """Answer 503 once every worker hangs, so that the platform replaces this container."""
    stuck = len(overdue) >= WORKERS
    return JSONResponse({"status": "stuck" if stuck else "ok"}, status_code=503 if stuck else 200)


@app.post(
    "/execute",
    summary=SERVICE["title"],
    responses={500: {"description": "The service failed"}, 504: {"description": "The time limit has passed"}},
)
async def run(request: Request) -> Response:
    work = pool.submit(answer, await request.body(), request.state)
    waited = asyncio.wrap_future(work)
    done, _ = await asyncio.wait({waited}, timeout=TIME_LIMIT)
    if not done:
        return give_up(request, work)
    try:
        return Response(waited.result(), media_type="application/json")
    except RequestValidationError as error:
        return await refuse(request, error)
    except HTTPException as error:
        # How an executor refuses an input that fits the schema but makes no sense.
        return JSONResponse({"detail": error.detail}, status_code=error.status_code)
    except Exception:  # noqa: BLE001
        return failed(request)


def answer(body: bytes, state: Any) -> bytes:
    """Return the answer to a request as JSON, and leave in `state` which thread works on it.

    The body is read strictly, as its JSON schema reads it: `"4"` and `true` are no numbers.
    """
    state.thread = threading.get_ident()
    try:
        request = Input.model_validate_json(body, strict=True, by_alias=True, by_name=False)
    except ValidationError as error:
        faults = error.errors(include_url=False, include_input=False)
        raise RequestValidationError([{**fault, "loc": ("body", *fault["loc"])} for fault in faults]) from None
    return Output.model_validate(execute(request)).model_dump_json(by_alias=True).encode()


def give_up(request: Request, work: "Future[Any]") -> Response:
    # A thread cannot be stopped: it is counted until it ends by itself.
    if not work.cancel():
        overdue.add(work)
        work.add_done_callback(overdue.discard)
    detail = f"The service did not finish within {TIME_LIMIT:g} seconds."
    late = TimeoutError(detail)
    log.error("request %s: stopped waiting", request.state.id, exc_info=(TimeoutError, late, where_it_is(request)))
    return JSONResponse({"detail": detail, "request_id": request.state.id}, status_code=504)


def where_it_is(request: Request) -> TracebackType | None:
    """Return where the thread is that works on a request, as a traceback of the log; None where none began."""
    frame = sys._current_frames().get(getattr(request.state, "thread", 0))
    traceback = None
    while frame is not None:
        traceback = TracebackType(traceback, frame, frame.f_lasti, frame.f_lineno)
        frame = frame.f_back
    return traceback


def failed(request: Request) -> Response:
    log.exception("request %s failed", request.state.id)
    detail = "The service failed on this input."
    return JSONResponse({"detail": detail, "request_id": request.state.id}, status_code=500)


@app.get("/docs", include_in_schema=False)
async def docs() -> HTMLResponse:
    """Show Swagger UI; where its files cannot be loaded, the essentials stay visible."""
    title, summary = html.escape(SERVICE["title"]), html.escape(SERVICE["summary"])
    example = html.escape(json.dumps(SERVICE["example"], indent=2, ensure_ascii=False)[:4000])
    essentials = (
        '<main style="font-family: system-ui, sans-serif; max-width: 44rem; margin: 3rem auto; padding: 0 1rem">'
        f"<h1>{title}</h1><p>{summary}</p>"
        '<p><code>POST /execute</code> with a JSON body such as</p><pre style="background: #f4f4f6; padding: 1rem; '
        f'overflow: auto">{example}</pre><p>The full description: <a href="openapi.json">openapi.json</a></p></main>'
    )
    page = get_swagger_ui_html(openapi_url="openapi.json", title=title, swagger_favicon_url="data:,").body.decode()
    return HTMLResponse(page.replace('<div id="swagger-ui">', f'<div id="swagger-ui">{essentials}', 1))


def describe() -> dict[str, Any]:
    """Return the OpenAPI document. The request's body is not FastAPI's to read, so it is described here."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        # Where the document is: a platform may have the service below a path of its own.
        document["servers"] = [{"url": "./"}]
        prefix = "#/components/schemas/"
        _, described = models_json_schema(
            [(Input, "validation"), (Output, "serialization")], by_alias=True, ref_template=prefix + "{model}"
        )
        document.setdefault("components", {}).setdefault("schemas", {}).update(described["$defs"])
        operation = document["paths"]["/execute"]["post"]
        body = {"schema": {"$ref": f"{prefix}Input"}, "examples": {"example": {"value": SERVICE["example"]}}}
        operation["requestBody"] = {"required": True, "content": {"application/json": body}}
        operation["responses"]["200"]["content"] = {"application/json": {"schema": {"$ref": f"{prefix}Output"}}}
        refused = {"type": "object", "properties": {"detail": {}}}
        operation["responses"]["422"] = {
            "description": "The request is refused",
            "content": {"application/json": {"schema": refused}},
        }
        app.openapi_schema = document
    return app.openapi_schema


app.openapi = describe  # type: ignore[method-assign]

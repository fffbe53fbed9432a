"""Plain requests: ``POST /segment``, one file in, a PNG, a JPEG or JSON out; and what the lesson's scripts ask at ``/lesson/STEP``.

It is an app of its own in front of Gradio's, behind the same doors: `segdemo.ui.doors` measures what comes in.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from anyio import CapacityLimiter, to_thread
from fastapi import FastAPI, File, Form, HTTPException, Request, Response, UploadFile
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from segdemo.errors import WeightsError, log_fault
from segdemo.images import read_image
from segdemo.inference.segmentation import Segmentation
from segdemo.output.visualization import jpeg, overlay, palette_png
from segdemo.package import VERSION
from segdemo.ui import answers
from segdemo.ui.api import choices, loaded, statistics_of
from segdemo.ui.calls import mistaken
from segdemo.ui.limits import QUEUED, UPLOAD_MEGABYTES

PATH, DESCRIBED, LESSON = "/segment", "/segment/openapi.json", "/lesson/"
SAME_SECONDS = 600  # a browser that asks the lesson the same again needs no answer
BUSY = "The server has too many pictures waiting. Come back in a minute."
FIELDS = ("image", "task", "model", "runtime", "answer")
KINDS = Literal["statistics", "mask", "overlay"]
EXAMPLE = "curl -F image=@photo.jpg -F answer=mask ADDRESS/segment -o mask.png"


@dataclass
class Lane:
    """One picture at a time: each network uses every core."""

    limiter: CapacityLimiter | None = None
    there: int = 0

    async def run(self, function: Any, *arguments: object) -> Any:
        if self.there > QUEUED:
            raise HTTPException(503, BUSY, {"retry-after": "60"})
        self.limiter = self.limiter or CapacityLimiter(1)  # which can be made only where a loop runs
        self.there += 1
        try:
            return await to_thread.run_sync(function, *arguments, limiter=self.limiter, abandon_on_cancel=True)
        finally:
            self.there -= 1


def plain_app() -> FastAPI:
    """The app behind `PATH`; what it takes and gives is described at `DESCRIBED`."""
    app = FastAPI(title="segdemo", version=VERSION, openapi_url=DESCRIBED, docs_url=None, redoc_url=None, exception_handlers={RequestValidationError: mistaken})
    lane, allowed = Lane(), choices()

    @app.post(
        PATH,
        summary="Segments one picture.",
        description=f"For example: `{EXAMPLE}`. What went wrong is answered with a sentence in `detail`.",
        response_class=Response,
        responses={
            200: {
                "description": "`statistics`: JSON, as the endpoint `segment` of the page gives it. "
                "`mask`: an indexed PNG of the picture's size, whose values are class ids. `overlay`: the classes' colours over the picture, a JPEG.",
                "content": {"application/json": {}, "image/png": {}, "image/jpeg": {}},
            },
            400: {"description": "No picture, or no such field, task, model, runtime or answer."},
            413: {"description": f"Over {UPLOAD_MEGABYTES} MB were sent."},
            503: {"description": "Too many pictures wait, the server is being restarted, or a file of it is damaged."},
            "default": {"description": "What else went wrong."},  # without it FastAPI would describe an answer 422 that nobody gets
        },
    )
    async def segment(
        request: Request,
        image: Annotated[UploadFile, File(description="the picture's file")],
        task: Annotated[str, Form(description="what the picture shows; auto is what it looks like", json_schema_extra={"enum": allowed["task"]})] = "auto",
        model: Annotated[str, Form(description="auto is the task's best", json_schema_extra={"enum": allowed["model"]})] = "auto",
        runtime: Annotated[str, Form(description="what runs the network", json_schema_extra={"enum": allowed["runtime"]})] = "auto",
        answer: Annotated[KINDS, Form(description="what comes back")] = "statistics",
    ) -> Response:
        sent = [name for name, _ in (await request.form()).multi_items()]
        if wrong := [name for name in sent if name not in FIELDS or sent.count(name) > 1]:
            raise HTTPException(400, f"The field {wrong[0][:40]!r} is unknown, or there twice. The fields are {', '.join(FIELDS)}, each once.")
        content = await image.read()
        return await lane.run(_answer, content, image.filename or "picture", task, model, runtime, answer)

    @app.get(LESSON + "{step}", include_in_schema=False)
    async def asked(step: str, wish: str) -> Response:
        return await lane.run(_lesson, step, wish)

    @app.post(LESSON + "{step}", include_in_schema=False)
    async def asked_of(step: str, wish: Annotated[str, Form()], image: Annotated[UploadFile, File()]) -> Response:
        return await lane.run(_lesson, step, wish, await image.read())

    return app


def _answer(content: bytes, name: str, task: str, model: str, runtime: str, answer: str) -> Response:
    try:
        result: Segmentation = loaded(model, task, runtime)(read_image(content, name))
        if answer == "mask":
            return Response(palette_png(result.mask, result.task), media_type="image/png")
        if answer == "overlay":
            return Response(jpeg(overlay(result.image, result.separated, result.task)), media_type="image/jpeg")
        return JSONResponse(statistics_of(result))
    except WeightsError as error:
        log_fault("POST /segment", error)
        raise HTTPException(503, str(error)) from error
    except (ValueError, RuntimeError) as error:
        raise HTTPException(400, str(error)) from error
    except Exception as error:
        log_fault("POST /segment", error)
        raise HTTPException(500, f"The program failed ({type(error).__name__}). Another picture may work.") from error


def _lesson(step: str, wish: str, picture: bytes | None = None) -> Response:
    try:
        kept = {"cache-control": f"private, max-age={SAME_SECONDS}"} if picture is None else None
        return JSONResponse(answers.answer(step, wish, picture), headers=kept)
    except WeightsError as error:
        log_fault("lesson", error)
        raise HTTPException(503, str(error)) from error
    except ValueError as error:
        raise HTTPException(400, str(error)) from error
    except Exception as error:
        log_fault("lesson", error)
        raise HTTPException(500, f"The program failed ({type(error).__name__}).") from error


class Plain:
    """The ASGI middleware that answers `PATH`, `DESCRIBED` and what is below `LESSON`."""

    def __init__(self, app: ASGIApp):
        self.app, self.plain = app, plain_app()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "").removeprefix(scope.get("root_path", "").rstrip("/"))
        here = scope["type"] == "http" and (path in (PATH, DESCRIBED) or path.startswith(LESSON))
        await (self.plain if here else self.app)(scope, receive, send)

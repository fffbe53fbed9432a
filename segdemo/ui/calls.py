"""What is wrong with a call, in a sentence. Gradio would take most of it for a fault of the program, and fill the log."""

from __future__ import annotations

from typing import Any

import gradio as gr
from fastapi import Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from segdemo.errors import log_fault
from segdemo.ui.refusals import Refused

FILE = '{"path": what the upload answered, "meta": {"_type": "gradio.FileData"}}'
SEE = "See 'Use via API' at the foot of the page."
LONGEST = 40  # characters of a value that are said again


class Page(gr.Blocks):
    """A page that tells callers when their values cannot be used."""

    async def preprocess_data(self, block_fn: Any, inputs: list, *others: Any, **named: Any) -> list:
        """As Gradio's.

        Raises:
            gr.Error: with a sentence, if the values are too few or of another kind.
        """
        try:
            return await super().preprocess_data(block_fn, inputs, *others, **named)
        except gr.Error:
            raise
        except Exception as error:
            log_fault(f"a call of {block_fn.api_name or block_fn.name}", error)
            wanted = f"{len(block_fn.inputs)} values: {', '.join(str(block.label) for block in block_fn.inputs)}"
            wrong = f"has {len(inputs)} of" if len(inputs) < len(block_fn.inputs) else "has a value of another kind than it should among its"
            sentence = f"The call {wrong} {wanted}. A file is {FILE}. {SEE}"
            raise gr.Error(sentence, print_exception=False) from error


def check_call(page: gr.Blocks, path: str, call: object = None) -> None:
    """Whether there is what a call, or the question for its answer, names.

    Raises:
        Refused: if there is no such endpoint, or no answer is being made, or it was given already.
    """
    _, _, kind, *names = path.rstrip("/").split("/")
    if kind == "call":
        public = [fn.api_name for fn in page.fns.values() if fn.api_name and fn.api_visibility == "public"]
        if names[0] not in public:
            raise Refused(404, f"There is no endpoint {names[0][:LONGEST]!r}. Choose one of: {', '.join(public)}.")
        if len(names) > 1 and not _is_made(page, names[1]):
            raise Refused(404, "No such answer is being made: it was given already, or never asked for. Call again.")
    elif isinstance(call, dict) and isinstance(number := call.get("fn_index"), int) and number not in page.fns:
        raise Refused(404, f"There is no endpoint number {number}. {SEE}")


def _is_made(page: gr.Blocks, event: str) -> bool:
    queue = page._queue
    return event in queue.event_ids_to_events or any(event in events for events in queue.pending_event_ids_session.values())


async def mistaken(request: Request, error: Exception) -> JSONResponse:
    """What FastAPI says of a request that lacks something, in a sentence, with the status 400."""
    assert isinstance(error, RequestValidationError)
    return JSONResponse({"detail": " ".join(map(_mistake, error.errors()))}, 400)


def _mistake(each: dict) -> str:
    name, value, kind = each["loc"][-1], each.get("input"), each["type"]
    if len(each["loc"]) == 1 or kind == "json_invalid":
        return f"What is sent must be a JSON object, with the header Content-Type: application/json. {SEE}"
    if kind == "missing":
        return f"`{name}` is missing."
    if "UploadFile" in each["msg"]:
        return f"`{name}` is a text; it must be a file. With curl, an @ stands before a file's name: -F {name}=@photo.jpg."
    if expected := each.get("ctx", {}).get("expected"):
        return f"`{name}` is {str(value)[:LONGEST]!r}; it must be {expected}."
    return f"`{name}` is {str(value)[:LONGEST]!r}: {each['msg']}."

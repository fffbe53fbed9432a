"""Starting the page, with the settings a public server needs."""

from __future__ import annotations

import ctypes
import logging
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress

import gradio as gr
import numpy as np
from fastapi.exceptions import RequestValidationError
from starlette.middleware import Middleware

from segdemo.errors import WeightsError, log_fault
from segdemo.inference.own import add_own_tasks
from segdemo.inference.segmentation import SMALLEST_SIDE
from segdemo.tasks import TASKS
from segdemo.ui import zero_gpu
from segdemo.ui.assistants import answer_assistants
from segdemo.ui.bounds import bound_memory
from segdemo.ui.calls import mistaken
from segdemo.ui.doors import HUGGING_FACE, LOCAL_HOSTS, Answers, Doors, headers_of_all
from segdemo.ui.forms import check_forms
from segdemo.ui.limits import REMEMBERED_VISITS, STOP_SECONDS, UPLOAD_MEGABYTES
from segdemo.ui.page import build_page
from segdemo.ui.parts.assets import ASSETS
from segdemo.ui.parts.pickers import AUTO, example_files
from segdemo.ui.parts.results import result_card
from segdemo.ui.parts.templating import render
from segdemo.ui.plain import Plain
from segdemo.ui.preview import Previews
from segdemo.ui.theme import theme
from segdemo.ui.thumbnails import Thumbnails
from segdemo.ui.uploads import open_folder, remove_folder
from segdemo.zoo import entries, faults, load

# Words that Gradio 6 asks its own tables for and does not find; it would show their names.
GRADIO_LACKS = {
    "en": {"common.webcam": "Camera", "common.complete": "done", "common.upload": "Upload"},
    "zh-CN": {"common.webcam": "摄像头", "common.complete": "完成", "common.upload": "上传"},
}

TRIM_SECONDS = 0.5  # between two; each takes a few milliseconds


def launch(host: str | None = None, port: str | int | None = None, wait: bool = True, tasks: Sequence[str] = (), models: Sequence[str] = ()) -> str:
    """Serves the page.

    Args:
        host: address to listen on; by default this machine only, or Gradio's ``GRADIO_SERVER_NAME`` (a Space sets it).
        port: by default 7860, or ``GRADIO_SERVER_PORT``.
        wait: whether to block until the server stops.
        tasks: folders of tasks of one's own, see `segdemo.add_tasks`; beside those in ``SEGDEMO_TASKS``.
        models: files of networks that others made, see `segdemo.add_model`; beside those in ``SEGDEMO_MODELS``.

    Returns:
        The page's local address.

    Raises:
        ValueError: if the port is no number of 1 to 65535, or another program has it; or if a folder holds no task.
    """
    if port and not (str(port).isdecimal() and 0 < int(port) < 65536):
        raise ValueError(f"PORT is {port!r}; it must be a number of 1 to 65535.")
    if host and not _can_listen(host):
        logging.getLogger(__name__).warning("HOST is %r, which is no address of this machine; serving this machine only. Try HOST=0.0.0.0.", host)
        host = None
    if port and not _can_listen(host or "127.0.0.1", int(port)):
        raise ValueError(f"PORT is {port}, where another program already answers, or which needs more rights. Choose another, such as PORT=7861.")
    if wait:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # until there is something to finish
    add_own_tasks(tasks, models)
    zero_gpu.ask()
    _keep_memory_small()
    bound_memory()
    check_forms()
    if os.environ.get("GRADIO_MCP_SERVER"):
        answer_assistants()
    open_folder()
    page = build_page()
    answers = Answers()
    doors = Middleware(Doors, hosts=_hosts(host), answers=answers)
    _, address, _ = page.launch(
        server_name=f"[{host}]" if host and ":" in host else host or None,
        server_port=int(port) if port else None,
        theme=theme(),
        i18n=gr.I18n(**GRADIO_LACKS),
        head=render("head"),  # `css=` would be scoped to Gradio's own container
        favicon_path=str(ASSETS / "icon.svg"),
        footer_links=["api"],
        run_history=False,  # runs would stay in the browser of a shared computer
        max_file_size=f"{UPLOAD_MEGABYTES}mb",
        enable_monitoring=False,
        show_error=False,
        strict_cors=True,
        ssr_mode=False,
        share=False,
        _frontend=False,  # a busy machine may take longer for its first answer than the three seconds after which Gradio would give up
        state_session_capacity=REMEMBERED_VISITS,
        app_kwargs={
            "middleware": [doors, Middleware(Thumbnails), Middleware(Previews), Middleware(Plain)],
            "exception_handlers": {RequestValidationError: mistaken},
        },
        prevent_thread_lock=True,
        quiet=True,  # it would advertise a link through another company's server
    )
    for headers in (page.server.config.encoded_headers, page.server.server_state.default_headers):
        headers += headers_of_all(_ancestors())  # here, because Gradio puts layers that answer, too, around every middleware
    threading.Thread(target=_warm_up, daemon=True).start()
    if wait:
        _serve(page, address, answers)
    return address.replace("[::]", "localhost")


def _serve(page: gr.Blocks, address: str, answers: Answers) -> None:
    """Until SIGTERM or Ctrl+C, which let the answers that are being made be finished."""
    stop = threading.Event()
    for kind in (signal.SIGTERM, signal.SIGINT):
        signal.signal(kind, lambda *_: stop.set())
    print(f"The page is at {address.replace('[::]', 'localhost')}", flush=True)
    while not stop.wait(1):  # an endless wait would hear no signal on Windows
        pass
    answers.closing = True
    end = time.monotonic() + STOP_SECONDS
    while answers.made and time.monotonic() < end:
        time.sleep(0.05)
    answers.give_up()
    time.sleep(0.5)  # what was written is sent
    remove_folder()
    sys.stdout.flush()
    os._exit(0)  # a network may be running, and connections that only wait may be open: neither can be ended in another way


def _hosts(host: str | None) -> tuple[str, ...] | None:
    """The names by which the page may be called: those in ``SEGDEMO_HOSTS``; otherwise any, but of a server for this machine alone only this machine's."""
    named = tuple(os.environ.get("SEGDEMO_HOSTS", "").replace(",", " ").split())
    local = (host or os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")) in ("127.0.0.1", "localhost", "::1")
    return (*LOCAL_HOSTS, *named) if local or named else None


def _ancestors() -> str:
    """Whose pages may show this one in a frame: Hugging Face's on a Space, and those in ``SEGDEMO_FRAME_ANCESTORS``."""
    return " ".join(filter(None, (HUGGING_FACE if "SPACE_ID" in os.environ else "", os.environ.get("SEGDEMO_FRAME_ANCESTORS", ""))))


def _keep_memory_small() -> None:
    """Has glibc share two heaps among all threads (mallopt(3)), and give back what is free in them (malloc_trim(3)).

    By default each thread keeps pictures on its own, and what lies between two things in use stays: hundreds of megabytes
    after a few results. Fetching every picture anew from the system (a small M_MMAP_THRESHOLD) would take twice the time.
    """
    with suppress(OSError, AttributeError):  # another C library
        libc = ctypes.CDLL(None)
        libc.mallopt(-8, 2)  # M_ARENA_MAX
        libc.mallopt(-3, 32 << 20)  # M_MMAP_THRESHOLD, bytes
        threading.Thread(target=_give_back, args=[libc.malloc_trim], daemon=True).start()


def _give_back(trim: Callable[[int], int]) -> None:
    while True:
        time.sleep(TRIM_SECONDS)
        trim(0)


def _can_listen(host: str, port: int = 0) -> bool:
    """Whether the address is one of this machine, and its port, if not 0, is free. Some shells and conda set HOST to something else altogether."""
    try:
        with socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET):
            return True
    except OSError:
        return False


def _warm_up() -> None:
    """Draws the examples, loads the models, and makes a result of each task, while the first visitor is still looking around."""
    warm, named = set(), set()
    for fault in faults():
        log_fault("A file of the server's", fault)
        named.add(fault.file)
    for task in (AUTO, *TASKS):
        example_files(task, "en")
    for (task, model), entry in entries().items():
        try:
            segmenter = load(model, task)
        except Exception as error:
            if not (isinstance(error, WeightsError) and error.file in named):
                log_fault(f"loading {model} for {task}", error)
            continue
        if task not in warm:
            result_card("warm-up", segmenter(np.zeros((SMALLEST_SIDE, SMALLEST_SIDE, 3), np.uint8)), entry, model)
            warm.add(task)

"""The Space's entry: builds the page and launches it. ``HOST`` and ``PORT`` change where; ``--tasks`` and ``--model`` bring your own."""

import argparse
import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
for name in [name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy")]:
    del os.environ[name]  # it calls nobody but itself, once at the start, of whom a proxy knows nothing

from segdemo.ui.launch import launch  # noqa: E402

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="The page. HOST and PORT change where it is served.")
    parser.add_argument(
        "--tasks", action="append", default=[], metavar="DIR", help="a folder of tasks of your own, as `export` leaves them (or SEGDEMO_TASKS=DIR)"
    )
    parser.add_argument(
        "--model", action="append", default=[], metavar="FILE", help="a network of others, .onnx or .tflite, with FILE.json beside it (or SEGDEMO_MODELS=FILE)"
    )
    options = parser.parse_args()
    try:
        launch(host=os.environ.get("HOST"), port=os.environ.get("PORT"), tasks=options.tasks, models=options.model)
    except (ValueError, RuntimeError) as error:
        raise SystemExit(f"segdemo: {error}") from error

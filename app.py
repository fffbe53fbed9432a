"""The Space's entry: builds the page and launches it. ``HOST`` and ``PORT`` change where."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
for name in [name for name in os.environ if name.lower() in ("http_proxy", "https_proxy", "all_proxy")]:
    del os.environ[name]  # it calls nobody but itself, once at the start, of whom a proxy knows nothing

from segdemo.ui.launch import launch  # noqa: E402

if __name__ == "__main__":
    try:
        launch(host=os.environ.get("HOST"), port=os.environ.get("PORT"))
    except ValueError as error:
        raise SystemExit(f"segdemo: {error}") from error

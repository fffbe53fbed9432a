"""The Space's entry: builds the page and launches it. ``HOST`` and ``PORT`` change where."""

import os

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

from segdemo.ui.launch import launch

if __name__ == "__main__":
    try:
        launch(host=os.environ.get("HOST"), port=os.environ.get("PORT"))
    except ValueError as error:
        raise SystemExit(f"segdemo: {error}") from error

import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest


@pytest.fixture(scope="session")
def address():
    """The real page, served on this machine for the whole run."""
    from segdemo.ui.launch import launch

    return launch(host="127.0.0.1", port=free_port(), wait=False)


def free_port() -> int:
    import socket

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]

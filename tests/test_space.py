"""The app as a Hugging Face Space starts it: a clean environment, the Space's variables, and no way out."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from gradio_client import Client, handle_file
from ports import free_port

from segdemo.data import scenes
from segdemo.output.visualization import jpeg
from segdemo.publishing.space import copy, gradio_space

ROOT = Path(__file__).parent.parent
NOT_SHIPPED = (".git", ".venv", "runs", "__pycache__", ".pytest_cache", ".ruff_cache", "node_modules")

# Put on the app's path: every name it looks up and every address it calls outside this machine is written down and refused.
NO_WAY_OUT = """
import socket
def local_only(function, where):
    def call(*args, **kwargs):
        target = args[where] if where < len(args) else ""
        host = target[0] if isinstance(target, tuple) else target
        if host not in (None, "", "127.0.0.1", "::1", "localhost", "0.0.0.0", "::") and not str(host).startswith("/"):
            with open({log!r}, "a") as log:
                print(function.__name__, target, file=log)
            raise OSError("this test closes the network")
        return function(*args, **kwargs)
    return call
for owner, name, where in ((socket, "getaddrinfo", 0), (socket.socket, "connect", 1), (socket.socket, "connect_ex", 1), (socket.socket, "sendto", -1)):
    setattr(owner, name, local_only(getattr(owner, name), where))
"""


@pytest.fixture
def space(tmp_path):
    """The files that are published, in a folder of their own, running in an environment made from requirements.txt alone."""
    copy(gradio_space(), tmp_path / "space")
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check", "-r", "requirements.txt"], cwd=tmp_path / "space", check=True
    )
    blocked = tmp_path / "blocked.log"
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "sitecustomize.py").write_text(textwrap.dedent(NO_WAY_OUT.format(log=str(blocked))))
    port = free_port()
    variables = {
        **{name: os.environ[name] for name in ("SYSTEMROOT", "TEMP") if name in os.environ},  # without which Windows opens no socket
        "PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHONPATH": str(tmp_path / "closed"), "SYSTEM": "spaces", "SPACE_ID": "someone/segdemo",
        "SPACE_AUTHOR_NAME": "someone", "GRADIO_SERVER_NAME": "0.0.0.0", "GRADIO_SERVER_PORT": str(port), "GRADIO_CACHE_EXAMPLES": "lazy",
    }  # fmt: skip
    log = (tmp_path / "app.log").open("w")
    app = subprocess.Popen([python, "app.py"], cwd=tmp_path / "space", env=variables, stdout=log, stderr=subprocess.STDOUT)
    yield f"http://127.0.0.1:{port}", app, tmp_path
    app.terminate()
    app.wait(30)


def test_a_space_segments_a_picture_and_calls_nobody(space):
    address, app, folder = space
    photo = folder / "street.jpg"
    photo.write_bytes(jpeg(scenes.street(0, 480, 360)[0]))
    client = None
    for _ in range(120):
        assert app.poll() is None, (folder / "app.log").read_text()
        try:
            client = Client(address, verbose=False)
            break
        except Exception:
            time.sleep(1)
    assert client, (folder / "app.log").read_text()
    _, _, report = client.predict(handle_file(photo), "street", "deeplabv3plus", api_name="/segment")
    shares = {c["name"]: c["share"] for c in report["classes"]}
    assert shares["road"] > 0.15 and shares["sky"] > 0.05
    assert not (folder / "blocked.log").exists(), (folder / "blocked.log").read_text()


def test_every_file_is_small_enough_for_a_space():
    sizes = {path: path.stat().st_size for path in ROOT.rglob("*") if path.is_file() and not set(path.relative_to(ROOT).parts) & set(NOT_SHIPPED)}
    assert max(sizes.values()) < 10_000_000
    assert sum(size for path, size in sizes.items() if path.parent.name == "weights") < 200_000_000

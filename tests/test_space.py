"""The app as a Hugging Face Space starts it: a clean environment, the Space's variables, and no way out."""

import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest
from conftest import free_port
from gradio_client import Client, handle_file

from segdemo import scenes
from segdemo.visualization import jpeg

ROOT = Path(__file__).parent.parent

# Put on the app's path: every connection to another machine is written down and refused.
NO_WAY_OUT = """
import socket
connect = socket.socket.connect
def local_only(self, address):
    if self.family != socket.AF_UNIX and address[0] not in ("127.0.0.1", "::1", "localhost", "0.0.0.0"):
        with open({log!r}, "a") as log:
            print(address, file=log)
        raise OSError("this test closes the network")
    return connect(self, address)
socket.socket.connect = local_only
"""


@pytest.fixture
def space(tmp_path):
    """The committed files in a folder of their own, running in an environment made from requirements.txt alone."""
    subprocess.run(["git", "clone", "--quiet", "--depth", "1", f"file://{ROOT}", tmp_path / "space"], check=True)
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", "requirements.txt"], cwd=tmp_path / "space", check=True)
    blocked = tmp_path / "blocked.log"
    (tmp_path / "closed").mkdir()
    (tmp_path / "closed" / "sitecustomize.py").write_text(textwrap.dedent(NO_WAY_OUT.format(log=str(blocked))))
    port = free_port()
    variables = {
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


def test_every_committed_file_can_be_pushed_without_lfs():
    files = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    sizes = {name: (ROOT / name).stat().st_size for name in files if name and (ROOT / name).exists()}
    assert max(sizes.values()) < 10_000_000
    assert sum(size for name, size in sizes.items() if name.startswith("weights/")) < 150_000_000

"""On ZeroGPU the page starts, declares a function that may borrow a card, and serves; elsewhere nothing of it is there."""

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from apps import served

from segdemo.ui import zero_gpu

ROOT = Path(__file__).parents[2]


def test_elsewhere_nothing_is_declared(monkeypatch):
    monkeypatch.delenv("SPACES_ZERO_GPU", raising=False)
    assert zero_gpu.ask() is None


def test_the_page_reports_a_function_and_serves(tmp_path):
    reports = []

    class Machine(BaseHTTPRequestHandler):
        """What stands for Hugging Face's: it is told that the page has started, which `spaces` does only if a function was declared."""

        def do_POST(self):
            reports.append(self.path.partition("?")[0])
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Machine) as machine:
        threading.Thread(target=machine.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{machine.server_address[1]}"
        variables = {**os.environ, "PYTHONPATH": str(ROOT), "SPACES_ZERO_GPU": "true", "SPACES_ZERO_DEVICE_API_URL": url, "HOME": str(tmp_path)}
        with served(tmp_path, variables, ROOT / "app.py"):
            pass
        machine.shutdown()
    assert reports == ["/startup-report"]
    assert "spaces" not in sys.modules

"""The image is made of what there is. (No daemon is needed: what can be read is compared.)"""

import re
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
NGINX = (ROOT / "deploy/nginx.conf").read_text()


def test_what_is_copied_is_there_and_let_through():
    ignored = (ROOT / ".dockerignore").read_text().splitlines()
    for source in re.findall(r"^COPY (\S+) ", DOCKERFILE, re.M):
        assert list(ROOT.glob(source)) and f"!{source}" in ignored, source


def test_it_runs_what_a_space_runs_as_nobody_special_and_checks_itself():
    assert "-r requirements.txt" in DOCKERFILE and 'CMD ["python", "app.py"]' in DOCKERFILE
    assert DOCKERFILE.index("USER segdemo") < DOCKERFILE.index('CMD ["python", "app.py"]') and "HEALTHCHECK" in DOCKERFILE
    assert re.search(r"^FROM python:3\.1[123]-slim-\w+$", DOCKERFILE, re.M)


def test_the_proxy_and_the_page_agree_on_the_path_and_the_port():
    path = COMPOSE["services"]["page"]["environment"]["GRADIO_ROOT_PATH"]
    assert f"location {path}/ {{" in NGINX and "proxy_pass http://page:7860/;" in NGINX and "EXPOSE 7860" in DOCKERFILE
    assert "proxy_buffering off" in NGINX and "client_max_body_size 0" in NGINX and "X-Forwarded-Proto $scheme" in NGINX
    assert "absolute_redirect off" in NGINX and f"location = / {{ return 302 {path}/; }}" in NGINX  # the port is kept

"""The image is made of what there is, and starts. (No daemon is needed: its files are laid out as the Dockerfile says, and run.)"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
import yaml
from ports import free_port

ROOT = Path(__file__).parent.parent
DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", "")
IGNORED = (ROOT / ".dockerignore").read_text().splitlines()
COMPOSE = yaml.safe_load((ROOT / "deploy/compose.yaml").read_text())
NGINX = (ROOT / "deploy/nginx.conf").read_text()


def fits(pattern, path):
    """Whether a line of .dockerignore, or a source of COPY, means this path or a folder that it is in."""
    escaped = re.escape(pattern).replace(r"\*\*/", "(.*/)?").replace(r"\*\*", ".*").replace(r"\*", "[^/]*")
    return re.fullmatch(f"{escaped}(/.*)?", path)


def let_through(path):
    """By .dockerignore, of whose lines the last that fits decides."""
    return [True, *(line.startswith("!") for line in IGNORED if fits(line.removeprefix("!"), path))][-1]


def copied():
    """The repository's paths by those in the image."""
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    context = [path for path in tracked if path and let_through(path)]
    found = {}
    for *sources, target in (line.split() for line in re.findall(r"^COPY (.*)", DOCKERFILE, re.M)):
        for source in sources:
            paths = [path for path in context if fits(source, path)]
            assert paths, f"COPY {source}: nothing is there, or .dockerignore holds it back"
            for path in paths:
                inside = Path(path).relative_to(source) if (ROOT / source).is_dir() else Path(path).name
                found[(Path(target) / inside).as_posix()] = path
    return found


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    """The page, started as the image and the compose file start it, and healthy as the image asks for it; gives the port."""
    folder = tmp_path_factory.mktemp("image")
    for target, source in copied().items():
        (folder / "app" / target).parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(ROOT / source, folder / "app" / target)
    port = str(free_port())
    kept = {name: os.environ[name] for name in ("PATH", "SYSTEMROOT", "TEMP") if name in os.environ}
    told = dict(re.findall(r"(\w+)=(\S+)", re.search(r"^ENV (.*)", DOCKERFILE, re.M)[1]))
    told |= COMPOSE["services"]["page"]["environment"]
    environment = {**kept, **told, "PORT": port, "HOME": str(folder), "GRADIO_TEMP_DIR": str(folder / "uploads")}
    check, command = (json.loads(each) for each in re.findall(r"CMD (\[.*\])$", DOCKERFILE, re.M))
    with (folder / "log").open("w") as log:
        app = subprocess.Popen([sys.executable, *command[1:]], cwd=folder / "app", env=environment, stdout=log, stderr=subprocess.STDOUT)
        try:
            end = time.monotonic() + 120  # twice its start-period, for a busy machine
            while subprocess.run([sys.executable, *check[1:]], env=environment, capture_output=True).returncode:
                assert app.poll() is None and time.monotonic() < end, (folder / "log").read_text()
                time.sleep(0.5)
            yield port
        finally:
            app.terminate()
            app.wait(30)


def test_it_starts_from_what_is_copied_and_says_that_it_is_healthy(image):
    assert image


def test_it_holds_the_documents_that_the_wheel_holds_and_the_licence():
    kinds = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]["include"]
    documents = {path for path in copied() if path.startswith("docs/")}
    assert documents == {path.relative_to(ROOT).as_posix() for kind in kinds if kind.startswith("/docs/") for path in ROOT.glob(kind[1:])}
    assert "LICENSE" in copied()


def test_it_runs_what_a_space_runs_as_nobody_special_and_checks_itself():
    assert "-r requirements.txt" in DOCKERFILE and 'CMD ["python", "app.py"]' in DOCKERFILE
    user = re.search(r"^USER ([1-9]\d*)$", DOCKERFILE, re.M)  # of a name Kubernetes cannot say whether it is root
    assert f"--uid {user[1]}" in DOCKERFILE and user.start() < DOCKERFILE.index('CMD ["python", "app.py"]') and "HEALTHCHECK" in DOCKERFILE
    assert re.search(r"^FROM python:3\.1[123]-slim-\w+$", DOCKERFILE, re.M)


def test_the_proxy_and_the_page_agree_on_the_path_and_the_port():
    path = COMPOSE["services"]["page"]["environment"]["GRADIO_ROOT_PATH"]
    assert f"location {path}/ {{" in NGINX and "set $page http://page:7860;" in NGINX and "EXPOSE 7860" in DOCKERFILE
    assert f"rewrite ^{path}/(.*)$ /$1 break;" in NGINX  # of a variable, nginx strips nothing by itself
    assert "proxy_buffering off" in NGINX and "client_max_body_size 0" in NGINX and "X-Forwarded-Proto $scheme" in NGINX
    assert "absolute_redirect off" in NGINX and f"location = / {{ return 302 {path}/; }}" in NGINX  # the port is kept


def test_the_folder_of_uploads_is_a_volume_that_the_pages_user_may_write():
    page = COMPOSE["services"]["page"]
    (volume, folder), user = page["volumes"][0].split(":"), re.search(r"useradd .*--uid \d+ (\w+)", DOCKERFILE)[1]
    assert volume in COMPOSE["volumes"] and folder == page["environment"]["GRADIO_TEMP_DIR"]
    assert re.search(rf"install -d -o {user} -g {user} {folder}$", DOCKERFILE, re.M)  # a new volume takes its owner from the image


@pytest.fixture
def proxy(image, tmp_path):
    """The nginx of the compose file in front of the page, which sees it come from an address of its own; gives the port."""
    if sys.platform != "linux" or not shutil.which("nginx"):
        pytest.skip("no nginx")
    port = free_port()
    changed = {"listen 80;": f"listen 127.0.0.1:{port}; proxy_bind 127.0.0.9;", "http://page:7860": f"http://127.0.0.1:{image}"}
    server = re.sub("|".join(map(re.escape, changed)), lambda found: changed[found[0]], NGINX)
    folders = "".join(f"{kind}_temp_path {tmp_path}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    user = "user root; " if os.geteuid() == 0 else ""
    (tmp_path / "nginx.conf").write_text(f"{user}daemon off; pid {tmp_path}/pid; events {{}} http {{ access_log off; {folders}\n{server} }}")
    nginx = subprocess.Popen(["nginx", "-e", tmp_path / "errors", "-c", tmp_path / "nginx.conf"])
    try:
        for _ in range(100):
            if (tmp_path / "pid").is_file() or nginx.poll() is not None:
                break
            time.sleep(0.1)
        assert nginx.poll() is None, (tmp_path / "errors").read_text()
        yield port
    finally:
        nginx.terminate()
        nginx.wait(30)


def asked(port, path, by="127.0.0.1", method="GET", body=None, **headers):
    connection = HTTPConnection("127.0.0.1", port, source_address=(by, 0))
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


def test_through_nginx_the_page_is_under_its_path_and_tells_visitors_apart(proxy):
    health = urlsplit(COMPOSE["services"]["proxy"]["healthcheck"]["test"][-1])
    status, headers, _ = asked(proxy, "/")
    assert health.netloc == "127.0.0.1" and asked(proxy, health.path)[0] == 200 and (status, headers["Location"]) == (302, "/segdemo/")
    form = '--x\r\nContent-Disposition: form-data; name="files"; filename="街 #1.txt"\r\n\r\nmine\r\n--x--\r\n'.encode()
    upload = asked(proxy, "/segdemo/gradio_api/upload", "127.0.0.2", "POST", form, **{"Content-Type": "multipart/form-data; boundary=x"})
    (path,) = json.loads(upload[2])
    assert path.endswith("/街 #1.txt")
    file = f"/segdemo/gradio_api/file={quote(path)}"
    assert asked(proxy, file, "127.0.0.2")[::2] == (200, b"mine")
    assert asked(proxy, file, "127.0.0.3")[0] == 403  # who takes no cookies is known by the address
    assert asked(proxy, file, "127.0.0.3", **{"X-Forwarded-For": "127.0.0.2"})[0] == 403

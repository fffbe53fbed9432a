"""No licence by surprise: of everything that requirements.txt brings, and of what lies inside of their wheels."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
GPL = re.compile(r"\b[AL]?GPL|\bGNU ", re.IGNORECASE)
# Programs under the GPL that lie in the wheels of packages which are free for any use themselves; docs/publish.md tells of them.
INSIDE = {"av": {"libx264", "libx265"}, "pillow-heif": {"libx265"}}


def brought(names):
    """The installed packages that these need, themselves included, without extras."""
    found, waiting = {}, [*names]
    while waiting:
        name = re.match(r"[\w.-]+", waiting.pop())[0].lower().replace("_", "-")
        if name in found:
            continue
        try:
            found[name] = distribution(name)
        except PackageNotFoundError:  # of another system, or an extra's
            continue
        waiting += [need for need in found[name].requires or [] if "extra ==" not in need]
    return found


@pytest.fixture(scope="module")
def packages():
    lines = [line for line in (ROOT / "requirements.txt").read_text().splitlines() if line[:1].isalpha()]
    return brought(lines)


def test_no_package_that_the_app_brings_is_under_the_gpl(packages):
    assert len(packages) > 50
    for name, package in packages.items():
        about = package.metadata
        kinds = [line for line in about.get_all("Classifier", []) if line.startswith("License")]
        told = about.get("License-Expression") or " ".join([*kinds, (about.get("License") or "").partition("\n")[0]])
        assert not GPL.search(told), f"{name}: {told}"


def test_what_is_under_the_gpl_inside_of_wheels_is_known_and_told(packages):
    found = {name: {inside[1] for file in package.files or [] if (inside := re.match(r"(libx26[45])", file.name))} for name, package in packages.items()}
    assert all(libraries <= INSIDE.get(name, set()) for name, libraries in found.items()), found
    text = (ROOT / "docs/publish.md").read_text(encoding="utf-8")
    assert all(f"`{name}`" in text for name in INSIDE)

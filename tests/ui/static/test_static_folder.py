"""The folder of the page without a server, and a Space of it."""

from static_steps import MODEL

from segdemo.commands import main
from segdemo.ui.static import space
from segdemo.zoo import entries


def test_the_command_replaces_nothing_of_somebody_elses(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("all of it")
    assert main(["static", str(tmp_path)]) == 2
    assert "holds other files" in capsys.readouterr().err and [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert main(["static", str(tmp_path / "thesis.txt")]) == 2
    assert "is a file" in capsys.readouterr().err


def test_a_space_of_it_has_the_page_and_says_that_it_is_static(tmp_path, monkeypatch):
    monkeypatch.setattr(space, "entries", lambda: {MODEL: entries()[MODEL]})
    made = space.static_space(tmp_path)
    head = made.files["README.md"].read_text(encoding="utf-8").split("---\n")[1]
    assert made.sdk == "static" and "sdk: static" in head and "title: segdemo" in head and "app_file" not in head
    assert {"index.html", "worker.js", "networks/scenes-unet.int8.bin", "LICENSES.txt"} <= set(made.files)

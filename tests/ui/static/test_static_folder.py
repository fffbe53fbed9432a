"""The folder of the page without a server, and a Space of it."""

from static_steps import MODEL

from segdemo.commands import main
from segdemo.ui.static import space
from segdemo.ui.static.folder import write_folder
from segdemo.zoo import entries


def test_the_command_replaces_nothing_of_somebody_elses(tmp_path, capsys):
    (tmp_path / "thesis.txt").write_text("all of it")
    assert main(["static", str(tmp_path)]) == 2
    assert "holds other files" in capsys.readouterr().err and [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]
    assert main(["static", str(tmp_path / "thesis.txt")]) == 2
    assert "is a file" in capsys.readouterr().err


def test_what_is_not_wanted_any_more_goes_and_the_full_version_is_led_to(tmp_path, capsys):
    write_folder(tmp_path, [entries()[MODEL]], ["float32"])
    assert (tmp_path / "networks" / "scenes-unet.float32.bin").is_file()
    write_folder(tmp_path, [entries()[MODEL]], ["int8"], "https://example.org/?a=1&b=2")
    assert not list(tmp_path.glob("networks/*.float32.bin")) and (tmp_path / "networks" / "scenes-unet.int8.bin").is_file()
    assert 'href="https://example.org/?a=1&amp;b=2"' in (tmp_path / "index.html").read_text(encoding="utf-8")
    assert main(["static", str(tmp_path), "--full", "javascript:alert(1)"]) == 2 and "begins with https://" in capsys.readouterr().err


def test_a_space_of_it_has_the_page_and_says_that_it_is_static(tmp_path, monkeypatch):
    monkeypatch.setattr(space, "entries", lambda: {MODEL: entries()[MODEL]})
    made = space.static_space(tmp_path)
    _, head, text = made.files["README.md"].read_text(encoding="utf-8").split("---\n")
    assert made.sdk == "static" and "sdk: static" in head and "title: segdemo" in head and "app_file" not in head
    assert {"index.html", "worker.js", "networks/scenes-unet.int8.bin", "LICENSES.txt"} <= set(made.files)
    assert "segdemo" in text and "](" not in text  # no document is there that it could lead to

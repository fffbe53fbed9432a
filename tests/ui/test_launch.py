import signal
import socket

import pytest

from segdemo.ui import launch as launching
from segdemo.ui import uploads
from segdemo.ui.launch import launch
from segdemo.zoo import WeightsError, entries


@pytest.mark.parametrize("port", ["abc", "99999", "-1", 0.5])
def test_a_port_that_cannot_be_is_named(port):
    with pytest.raises(ValueError, match=f"PORT is {port!r}; it must be a number of 1 to 65535"):
        launch(port=port)


def test_a_port_that_is_taken_is_named():
    before = signal.getsignal(signal.SIGTERM)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ValueError, match=f"PORT is {port}, where another program"):
            launch(port=port)
    assert signal.getsignal(signal.SIGTERM) is before  # what did not start leaves the process as it was


def test_weights_that_are_damaged_are_named_in_a_line_and_the_others_are_loaded(monkeypatch, caplog):
    loaded = []

    def load(model, task):
        if (task, model) == ("street", "unet"):
            raise WeightsError("street-unet.weights.h5 is damaged")
        loaded.append((task, model))
        return lambda image: None

    monkeypatch.setattr(launching, "load", load)
    monkeypatch.setattr(launching, "example_files", lambda *_: None)
    monkeypatch.setattr(launching, "result_card", lambda *_: None)
    launching._warm_up()
    assert {*loaded} == {*entries()} - {("street", "unet")}
    assert len(caplog.messages) == 1 and "unet for street: WeightsError: street-unet.weights.h5 is damaged" in caplog.messages[0]


def test_a_folder_in_which_nothing_can_be_written_is_named(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "file" / "folder"))
    with pytest.raises(RuntimeError, match="Nothing can be written in .*folder.*Set GRADIO_TEMP_DIR"):
        uploads.open_folder.__wrapped__()

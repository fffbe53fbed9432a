import signal
import socket

import pytest

from segdemo.ui.launch import launch


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

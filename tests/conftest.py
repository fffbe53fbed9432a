import os

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import pytest
from ports import free_port


@pytest.fixture(scope="session")
def address():
    """The real page, served on this machine for the whole run."""
    from segdemo.ui.launch import launch

    return launch(host="127.0.0.1", port=free_port(), wait=False)


@pytest.fixture(scope="session")
def mcp_address():
    """The same page as an MCP server, as ``GRADIO_MCP_SERVER=True`` makes it."""
    from segdemo.ui.launch import launch

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_MCP_SERVER", "True")
        return launch(host="127.0.0.1", port=free_port(), wait=False)


@pytest.fixture(scope="session")
def photo(tmp_path_factory):
    """A drawn street as a JPEG; its exact mask lies beside it as street.mask.png."""
    from segdemo import TASKS
    from segdemo.data import scenes
    from segdemo.output.visualization import jpeg, palette_png

    path = tmp_path_factory.mktemp("photos") / "street.jpg"
    image, mask = scenes.street(0, 480, 360)
    path.write_bytes(jpeg(image))
    path.with_suffix(".mask.png").write_bytes(palette_png(mask, TASKS["street"]))
    return path

"""EfficientNet-Lite and the reader of its published weights."""

import io
import pickle
import struct
import sys
import types
from collections import OrderedDict

import numpy as np
import pytest

from segdemo.models.efficientnet_lite import efficientnet_lite, read_state


class _Storage:
    def __init__(self, key):
        self.key = key


class _Tensor:
    def __init__(self, *about):
        self.about = about

    def __reduce__(self):
        return sys.modules["torch._utils"]._rebuild_tensor_v2, self.about


def state_file(path, monkeypatch, offset, size, stride):
    """A file as torch.save wrote it before PyTorch 1.6, of one tensor over the six numbers 0 to 5."""
    torch, utils = types.ModuleType("torch"), types.ModuleType("torch._utils")
    rebuild, kind = (lambda *about: None), type("FloatStorage", (), {"__module__": "torch", "__qualname__": "FloatStorage"})
    rebuild.__module__, rebuild.__qualname__, rebuild.__name__ = "torch._utils", "_rebuild_tensor_v2", "_rebuild_tensor_v2"
    torch.FloatStorage, utils._rebuild_tensor_v2, torch._utils = kind, rebuild, utils
    monkeypatch.setitem(sys.modules, "torch", torch)
    monkeypatch.setitem(sys.modules, "torch._utils", utils)

    class Pickler(pickle.Pickler):
        def persistent_id(self, item):
            return ("storage", kind, item.key, "cpu", 6, None) if isinstance(item, _Storage) else None

    stream = io.BytesIO()
    for part in (1, 2, {}):
        pickle.dump(part, stream, 2)
    Pickler(stream, 2).dump(OrderedDict(w=_Tensor(_Storage("0"), offset, size, stride, False, OrderedDict())))
    pickle.dump(["0"], stream, 2)
    path.write_bytes(stream.getvalue() + struct.pack("<q", 6) + np.arange(6, dtype="<f4").tobytes())
    return path


def test_a_tensor_is_read_with_its_offset_and_strides(tmp_path, monkeypatch):
    read = read_state(state_file(tmp_path / "a.pth", monkeypatch, 1, (2, 2), (1, 2)))
    assert read["w"].tolist() == [[1, 3], [2, 4]]


@pytest.mark.parametrize(("offset", "size", "stride"), [(0, (7,), (1,)), (5, (2,), (1,)), (-1, (1,), (1,)), (3, (2,), (-1,)), (0, (2, 2), (9, 9))])
def test_a_tensor_that_reaches_beyond_its_numbers_is_refused(tmp_path, monkeypatch, offset, size, stride):
    with pytest.raises(pickle.UnpicklingError, match="reaches beyond"):
        read_state(state_file(tmp_path / "a.pth", monkeypatch, offset, size, stride))


def test_a_file_that_asks_for_a_function_is_refused(tmp_path):
    (tmp_path / "a.pth").write_bytes(pickle.dumps(print))
    with pytest.raises(pickle.UnpicklingError, match="builtins.print"):
        read_state(tmp_path / "a.pth")


def test_the_features_have_the_strides_and_channels_of_the_paper():
    model = efficientnet_lite("lite2", 16)
    # the widths of EfficientNet-B0, 16 24 40 80 112, times 1.1, to multiples of 8; the first stays
    assert [output.shape[-1] for output in model(np.zeros((1, 50, 70, 3), np.float32))] == [16, 24, 48, 120]
    assert [output.shape[1:3] for output in model(np.zeros((1, 50, 70, 3), np.float32))] == [(32, 40), (16, 20), (8, 10), (4, 5)]

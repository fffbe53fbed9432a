"""The networks as a browser takes them: one compressed file each, which `web/src/engine/runtime.js` reads."""

from __future__ import annotations

import gzip

import numpy as np

from segdemo.runtime.backbone import LiteRTBackbone, sizes
from segdemo.runtime.litert import whole
from segdemo.runtime.manifest import Entry
from segdemo.zoo import backbone_file, face_detector_file, litert_files, suggester_file

PRECISIONS = {"int8": "litert-int8", "float32": "litert"}
"""What a network's numbers may be, and the runtime that computes so in Python."""
TAUGHT_WITH = "int8"  # the precision of the networks whose answers are features
FOLDER = "networks"
SUGGESTER, DETECTOR, BACKBONE = f"{FOLDER}/suggest.bin", f"{FOLDER}/faces.bin", f"{FOLDER}/features.bin"


def name_of(entry: Entry, precision: str) -> str:
    """The network's file in the page's folder. Its ending is not .gz: some servers would unpack it on the way."""
    return f"{FOLDER}/{entry.task}-{entry.model}.{precision}.bin"


def network(entry: Entry, precision: str) -> bytes:
    """A trained network.

    Raises:
        WeightsError: if a file is missing or damaged.
    """
    return _packed(*whole(*litert_files(entry, PRECISIONS[precision])))


def suggester() -> bytes:
    """The network that suggests a task."""
    return _packed(*whole(suggester_file()[0], None))


def detector() -> bytes:
    """The network that finds faces, which has one size."""
    return _packed(np.frombuffer(face_detector_file().read_bytes(), np.uint8), np.empty((0, 3), np.int64), 1)


def backbone() -> bytes:
    """The network whose features taught classes are told apart by."""
    content = np.fromfile(backbone_file(), np.uint8)
    return _packed(content, np.array(sizes(content.tobytes())), LiteRTBackbone.MULTIPLE)


def _packed(content: np.ndarray, places: np.ndarray, multiple: int) -> bytes:
    """Gzip of little-endian int32: the multiple, the number of places, the places; then the network. Equal bytes for equal networks."""
    head = np.array([multiple, len(places), *places.ravel()], "<i4")
    return gzip.compress(head.tobytes() + content.tobytes(), mtime=0)

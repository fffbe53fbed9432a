"""Example pictures drawn by code, with exact masks, by name."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from segdemo.data.cells import cells
from segdemo.data.street import street

__all__ = ["SCENES", "cells", "street"]

SCENES: dict[str, Callable[..., tuple[np.ndarray, np.ndarray]]] = {"street": street, "cells": cells}

"""Example pictures drawn by code, with exact masks, by name."""

from __future__ import annotations

from segdemo.data.cells import cells
from segdemo.data.street import street

__all__ = ["SCENES", "cells", "street"]

SCENES = {"street": street, "cells": cells}

"""What Gradio keeps in memory without a bound and has no setting for."""

from __future__ import annotations

from gradio.route_utils import GradioMultiPartParser, MultiPartException
from gradio.state_holder import SessionState

from segdemo.ui.limits import FIELD_BYTES


def bound_memory() -> None:
    """Has Gradio keep no results of past visits, nor hold fields of a form that are no files.

    It would keep the latest value of every component of every visit, ten megabytes with a result's pictures, for links ("deep links") that are
    not to be had here; and a field of an upload's form, however long, in memory.
    """
    SessionState._update_value_in_config = _keep_nothing
    GradioMultiPartParser.on_part_data = _limited


def _keep_nothing(self: SessionState, key: int, value: object) -> None:
    pass


_on_part_data = GradioMultiPartParser.on_part_data


def _limited(self: GradioMultiPartParser, data: bytes, start: int, end: int) -> None:
    part = self._current_part
    if part.file is None and len(part.data) + end - start > FIELD_BYTES:
        raise MultiPartException(f"A field of the form has over {FIELD_BYTES} bytes; files are sent as files.")
    _on_part_data(self, data, start, end)

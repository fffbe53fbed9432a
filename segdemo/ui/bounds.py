"""What Gradio keeps in memory without a bound and has no setting for."""

from __future__ import annotations

from gradio.state_holder import SessionState


def bound_memory() -> None:
    """Has Gradio keep no results of past visits.

    It would keep the latest value of every component of every visit, ten megabytes with a result's pictures, for links ("deep links") that are
    not to be had here.
    """
    SessionState._update_value_in_config = _keep_nothing


def _keep_nothing(self: SessionState, key: int, value: object) -> None:
    pass

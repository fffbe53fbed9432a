"""Colours and fonts for Gradio; all else is in `assets/`. System fonts only: a web font would be a request that leaves the machine."""

from __future__ import annotations

import gradio as gr


def theme() -> gr.themes.Base:
    fonts = ["system-ui", "-apple-system", "Segoe UI", "Noto Sans", "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "sans-serif"]
    return gr.themes.Base(
        primary_hue=gr.themes.colors.teal,
        neutral_hue=gr.themes.colors.slate,
        radius_size=gr.themes.sizes.radius_lg,
        font=fonts,
        font_mono=["ui-monospace", "monospace"],
    ).set(
        button_primary_background_fill="*primary_700", button_primary_background_fill_hover="*primary_800", button_primary_text_color="white",
        button_primary_background_fill_dark="*primary_700", button_primary_background_fill_hover_dark="*primary_800",
        link_text_color="*primary_700", link_text_color_dark="*primary_300",
        body_text_color_subdued="*neutral_600", body_text_color_subdued_dark="*neutral_400",
    )  # fmt: skip

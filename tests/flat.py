"""Markdown without its line breaks, and a command without its backslashes: what it says, however wide it is."""


def flat(text: str) -> str:
    return " ".join(text.replace("\\\n", "").split())

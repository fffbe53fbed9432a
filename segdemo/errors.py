"""What is said of a file that cannot be used, in the page's two languages."""

from __future__ import annotations

from segdemo.languages import Words


class FileError(ValueError):
    """A file of a visitor's that cannot be used: the sentence names it, says what is wrong and what to do.

    Attributes:
        words: the sentence in both languages; the exception's text is the English one.
    """

    def __init__(self, english: str, chinese: str):
        super().__init__(english)
        self.words = Words(english, chinese)

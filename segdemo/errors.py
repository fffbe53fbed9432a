"""What is said of a file that cannot be used, a visitor's in the page's two languages; what the log says of a fault of our own."""

from __future__ import annotations

import logging
import traceback

from segdemo.languages import Words

LONGEST_LINE = 300  # characters of the log for one incident: a visitor must not fill the disk with them


class FileError(ValueError):
    """A file of a visitor's that cannot be used: the sentence names it, says what is wrong and what to do.

    Attributes:
        words: the sentence in both languages; the exception's text is the English one.
    """

    def __init__(self, english: str, chinese: str):
        super().__init__(english)
        self.words = Words(english, chinese)


class WeightsError(RuntimeError):
    """Weights that are missing or damaged: no fault of a picture's or a visitor's.

    Attributes:
        file: the name of the file, without a folder.
    """

    def __init__(self, sentence: str, file: str):
        super().__init__(sentence)
        self.file = file


def log_fault(doing: str, error: BaseException) -> None:
    """Writes one line: what was being done, the error, and the place in the code where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno})" if frames else ""
    line = f"{doing}: {type(error).__name__}: {error}"
    line = " ".join("".join(letter if letter.isprintable() else " " for letter in line).split())  # a visitor's text must not command a terminal
    logging.getLogger("segdemo").error("%s%s", line[:LONGEST_LINE], place)

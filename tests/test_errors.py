import logging

from segdemo.errors import LONGEST_LINE, log_fault


def test_a_fault_is_one_short_line_that_names_its_place(caplog):
    try:
        raise KeyError("first\nsecond " + 1000 * "x")
    except KeyError as error:
        with caplog.at_level(logging.ERROR, "segdemo"):
            log_fault("segmenting a\nb.jpg\x1b[2J", error)
    (line,) = caplog.messages
    assert line.startswith("segmenting a b.jpg [2J: KeyError: 'first") and "test_errors.py:" in line
    assert line.isprintable() and len(line) < LONGEST_LINE + 40

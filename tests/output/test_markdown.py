from segdemo.output.markdown import WIDTH, shell, wrapped

LONG = "word " * 60


def test_paragraphs_and_lists_are_filled_and_what_must_stay_stays():
    table, code, heading = "| " + "cell " * 50 + "|", "```\n" + LONG + "\n```", "# " + LONG
    text = wrapped("\n\n".join((heading, LONG, f"- {LONG}\n- short", table, code)))
    blocks = text.split("\n\n")
    assert blocks[0] == heading and blocks[3:] == [table, code]
    assert all(len(line) <= WIDTH for block in blocks[1:3] for line in block.split("\n"))
    assert blocks[1].split() == LONG.split()
    assert blocks[2].startswith("- word") and blocks[2].split("\n")[1].startswith("  word") and blocks[2].endswith("\n- short")


def test_a_command_can_be_pasted():
    short = "python -m segdemo predict photo.jpg"
    assert shell(short) == f"```\n{short}\n```"
    long = "python -m segdemo train " + " ".join(f"--option-{i} value-{i}" for i in range(20))
    lines = shell(long).split("\n")[1:-1]
    assert all(len(line) <= WIDTH for line in lines) and all(line.endswith(" \\") for line in lines[:-1])
    assert " ".join(line.removesuffix("\\").strip() for line in lines) == long

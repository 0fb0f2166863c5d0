"""JupyterLab's folding of printed text, written the slow and plain way."""

from jupyter_monai_workshop.progress.stream_text import Stored


def folded(text: str) -> str:
    """Return what a page shows, going character by character."""
    ended, line, column = "", "", 0
    for character in text:
        if character == "\n":
            ended, line, column = ended + line + "\n", "", 0
        elif character == "\r":
            column = 0
        elif character == "\b":
            if column:
                line, column = line[: column - 1] + line[column + 1 :], column - 1
        else:
            line, column = line[:column] + character + line[column + 1 :], column + 1
    return ended + line


def nothing_stored(stored: Stored) -> str:
    """Stand for files where none may be read."""
    raise AssertionError(stored)

"""The text of one output stream, as a page would show it."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

KEPT_TEXT = 8_000_000
"""Characters of one stream output that are kept; the oldest lines go first."""

LONGEST_LINE = 256_000
"""From this length on, the beginning of a line can no longer be overwritten."""


@dataclass(frozen=True)
class Stored:
    """Content that lies in a file of its own.

    Attributes
    ----------
    sha256
        Its checksum, and the file's name.
    length
        Its length in characters.
    """

    sha256: str
    length: int


Load = Callable[[Stored], str]
"""Reads content that lies in a file of its own."""


class StreamText:
    """Text of one stream, with carriage returns and backspaces folded.

    The rules are those of JupyterLab's output area: a carriage return goes back to the
    beginning of the line, and what follows overwrites; a line feed goes to a new line at
    the end of the text; a backspace takes the character before it and, if the line was
    gone back in, the one at its place too; it does not go beyond the beginning of the
    line. Escape sequences stay as they are. Lines that have ended never change again.

    As in a page, places in a line are counted in UTF-16 code units. Half a character
    that overwriting leaves becomes U+FFFD.

    Attributes
    ----------
    start
        How many characters were cut from the front because there were too many.
    end
        How many characters of ended lines there have been, those that were cut included.
    line
        The last line, in UTF-16 code units.
    column
        Place in the last line at which the next character is written.
    """

    def __init__(self) -> None:
        self.start = 0
        self.end = 0
        self.line = ""
        self.column = 0
        self._head: Stored | None = None
        self._pieces: deque[str] = deque()

    def add(self, text: str) -> None:
        """Take more of the stream."""
        if "\r" in text or "\b" in text:
            self._fold(text)
        else:
            first, newline, rest = text.partition("\n")
            self._write(first)
            if newline:
                ended, newline, last = rest.rpartition("\n")
                self._end_lines(_characters(self.line) + "\n" + ended + newline)
                self._write(last)
        if len(self.line) > LONGEST_LINE:
            self._end_lines(_characters(self.line))
        self._cut()

    def text(self, load: Load) -> str:
        """Return the text; it says so where its beginning was cut."""
        try:
            head = load(self._head) if self._head else ""
        except (OSError, ValueError):
            head = "[What was printed here was recorded, but cannot be read any more.]\n"
        return self._notice + head + "".join(self._pieces) + _characters(self.line)

    def copy(self) -> StreamText:
        """Return the text as it is now."""
        copy = StreamText()
        copy.__dict__.update(self.__dict__, _pieces=self._pieces.copy())
        return copy

    @property
    def held(self) -> int:
        """How many characters are held in memory."""
        return self.end - self._held_from + len(self.line)

    @property
    def stored(self) -> Stored | None:
        """The beginning of the text, if it lies in a file of its own."""
        return self._head

    def ended_lines(self) -> str:
        """Return the ended lines that are held in memory."""
        return "".join(self._pieces)

    def since(self, place: int) -> tuple[int, str]:
        """Return the ended lines after `place`, counted as `end`, and where they begin."""
        place = max(place, self._held_from)
        missing, pieces = self.end - place, []
        for piece in reversed(self._pieces):
            if missing <= 0:
                break
            pieces.append(piece[-missing:])
            missing -= len(piece)
        return place, "".join(reversed(pieces))

    def go_on(self, start: int, place: int, ended: str, line: str, column: int) -> None:
        """Take what :meth:`since` gave, with the other attributes as they were then.

        What is missing before `place` counts as cut.
        """
        if place != self.end:
            self._head, self.start, self.end = None, place, place
            self._pieces.clear()
        self.line, self.column = _units(line), column
        if ended:
            self._pieces.append(ended)
            self.end += len(ended)
        self._drop(start - self.start)

    def put_away(self, stored: Stored, end: int) -> None:
        """Let go of the ended lines up to `end`, as they lie in a file now."""
        if self._head is None and end == self.end and stored.length == end - self.start:
            self._head = stored
            self._pieces.clear()

    def begin_stored(self, stored: Stored | None, start: int) -> None:
        """Begin with text that lies in a file, and that had lost `start` characters."""
        self._head, self.start = stored, start
        self.end = start + (stored.length if stored else 0)

    @property
    def _held_from(self) -> int:
        return self.start + (self._head.length if self._head else 0)

    @property
    def _notice(self) -> str:
        if not self.start:
            return ""
        return f"[{self.start:,} characters before this were too many to be kept.]\n"

    def _write(self, text: str) -> None:
        if not text:
            return
        units = _units(text)
        after = self.column + len(units)
        self.line = self.line[: self.column] + units + self.line[after:]
        self.column = after

    def _end_lines(self, text: str) -> None:
        self._pieces.append(text)
        self.end += len(text)
        self.line, self.column = "", 0

    def _fold(self, text: str) -> None:
        *ended, last = text.split("\n")
        lines = []
        for part in ended:
            self._fold_line(part)
            lines.append(_characters(self.line))
            self.line, self.column = "", 0
        if lines:
            self._end_lines("\n".join(lines) + "\n")
        self._fold_line(last)

    def _fold_line(self, text: str) -> None:
        for part in _MOVE.split(text):
            if part == "\r":
                self.column = 0
            elif part != "\b":
                self._write(part)
            elif self.column:
                self.line = self.line[: self.column - 1] + self.line[self.column + 1 :]
                self.column -= 1

    def _cut(self) -> None:
        over = self.end - self.start - KEPT_TEXT
        if over <= 0:
            return
        if self._head:
            over = max(over, self._head.length)
        elif self._pieces:
            # At the end of a line, but not for the sake of a very long one.
            first = self._pieces[0]
            over = first.find("\n", over, over + LONGEST_LINE) + 1 or over
        self._drop(over)

    def _drop(self, count: int) -> None:
        """Cut so many characters from the front; stored text goes as a whole."""
        if count > 0 and self._head:
            count -= self._head.length
            self.start += self._head.length
            self._head = None
        while count > 0 and self._pieces:
            piece = self._pieces.popleft()
            if len(piece) > count:
                self._pieces.appendleft(piece[count:])
            self.start += min(count, len(piece))
            count -= len(piece)


_MOVE = re.compile("([\r\b])")
_WIDE = re.compile("[\U00010000-\U0010ffff]")
_HALF = re.compile("[\ud800-\udfff]")


def _units(text: str) -> str:
    """Return `text` with every character beyond U+FFFF as its two UTF-16 code units."""
    if text.isascii():
        return text
    return _WIDE.sub(lambda found: _pair(ord(found[0]) - 0x10000), text)


def _pair(offset: int) -> str:
    return chr(0xD800 + (offset >> 10)) + chr(0xDC00 + (offset & 0x3FF))


def _characters(units: str) -> str:
    """Return UTF-16 code units as characters; half a character becomes U+FFFD."""
    if units.isascii() or not _HALF.search(units):
        return units
    return units.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")

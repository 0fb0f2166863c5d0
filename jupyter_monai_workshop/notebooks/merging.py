"""What the organiser changed in a notebook comes into what the attendee made of it.

A merge of our own rather than nbdime's: that one merges within cells and writes conflict
markers, and brings requests, jinja and settings for the whole process into the server.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from .aligning import Piece, align
from .beside import MARK, beside_cell, shown_beside
from .cell_merging import content, merge_cell, merge_values
from .composing import compose, with_ids
from .reading import NotebookUnreadable
from .versions import NotebookUnmergeable, Version, read_version
from .weaving import Place, weave

_CHANGE = "merged"
_IDS_SINCE = 5
_OF_ONE_PIECE = frozenset({"kernelspec", "language_info"})
_LABEL = "The organiser's new version of the cell above. Yours was kept."


@dataclass(frozen=True)
class MergedNotebook:
    """A notebook of the attendee's with what the organiser changed.

    Attributes
    ----------
    text
        What the file shall hold. The very text of `ours` where nothing came.
    followed
        Cells that came, changed or went here because they did in the organiser's version.
    kept
        Cells that the attendee changed or added; all of them are here.
    beside
        Cells put in below one of the attendee's with the organiser's version of it.
    """

    text: str = field(repr=False)
    followed: int = 0
    kept: int = 0
    beside: int = 0


def merge_notebooks(
    base: str | None,
    ours: str,
    theirs: str,
    *,
    name: str = "This notebook",
    label: str = _LABEL,
) -> MergedNotebook:
    """Merge the organiser's new version of a notebook into the attendee's, cell by cell.

    Cells are the same by their id, where both versions have ids (nbformat 4.5), and
    otherwise by what they say and where they stand. By *changed* the kind, the source and
    the attachments of a cell are meant.

    ============================  ======================  ================================
    The organiser                 The attendee            Then
    ============================  ======================  ================================
    changed nothing               did anything            the attendee's file, byte by byte
    did anything                  changed nothing         the organiser's file
    changed a cell                did not                 the organiser's cell; outputs of
                                                          the old source go
    did not                       changed a cell          the attendee's cell
    did not                       ran a cell              the attendee's outputs stay
    changed a cell                changed it alike        one cell, the attendee's outputs
    changed a cell                changed it otherwise    the attendee's cell; right below
                                                          the organiser's, marked
    took a cell out               did not change it       it goes
    took a cell out               changed it              it stays
    did anything with a cell      took it out             it does not come back
    added a cell                  –                       it comes, below the same cell
    –                             added a cell            it stays, below the same cell
    added a cell                  added one there         the attendee's, then the
                                                          organiser's; one if they are equal
    moved a cell                  did not                 the organiser's order
    moved a cell                  moved it                the attendee's place
    added a cell with an id       used that id            both; the attendee's has a new id
    changed metadata              changed metadata        both; the attendee's where they
                                                          changed the same key
    ============================  ======================  ================================

    The organiser's version of a cell that both changed comes as a Markdown cell, so that
    *Run All* does not run two versions: `label` in bold, then the code, fenced, or the
    text, quoted. It has the tag ``from-the-organiser``, and for later updates it is a
    cell of the attendee's.

    A result that is neither version as it was notes in its metadata which change it has
    had, so that merging the same change once more, after a kill in the middle of an
    update, gives the same text, whatever the attendee did in between. If that note was
    taken out, the same change is merged anew: nothing that is still there comes twice,
    but a marked cell that was deleted comes again.

    Parameters
    ----------
    base
        What the organiser once gave; ``None`` if that is not known.
    ours
        The attendee's file.
    theirs
        The organiser's new version.
    name
        What messages call the notebook.
    label
        The sentence above the organiser's version of a cell that both changed.

    Raises
    ------
    NotebookUnreadable
        If the attendee's file is no notebook of format 4.
    NotebookUnmergeable
        If `base` is not known, or a version of the organiser's is no notebook of format
        4, or any of them holds what no notebook may hold. The caller keeps the
        attendee's file and puts the organiser's beside it.
    """
    if theirs in (base, ours):
        return MergedNotebook(ours)
    mine = read_version(ours, name)
    if base is None:
        raise NotebookUnmergeable(
            f"{name} cannot be merged: it is not known which version it was made from.",
            hint="Your notebook stays as it is. Compare it with the organiser's.",
        )
    change = hashlib.sha256(f"{len(base)}\n{base}{theirs}".encode("utf-8", "surrogatepass"))
    try:
        given = read_version(base, f"The version that {name} was made from")
        new = read_version(theirs, f"The organiser's new version of {name}")
    except NotebookUnreadable as error:
        raise NotebookUnmergeable(
            f"{name} cannot be merged: {error.message}", hint="Your notebook stays as it is."
        ) from error
    try:
        return _merge(given, mine, new, change.hexdigest()[:16], label)
    except RecursionError as error:
        raise NotebookUnmergeable(
            f"{name} cannot be merged: it holds values that are nested too deep.",
            hint="Your notebook stays as it is.",
        ) from error


def _merge(
    base: Version, ours: Version, theirs: Version, change: str, label: str
) -> MergedNotebook:
    if base.same(theirs) or _note(ours).get(_CHANGE) == change:
        return MergedNotebook(ours.text)
    mine, new, gone = _places(base, ours, theirs)
    texts = _numbered(ours, theirs)
    cells: list[dict[str, object]] = []
    organisers: list[int] = []
    followed, kept, beside = gone, 0, 0
    for place in weave(mine, new, text=lambda place: texts[place.ours, place.theirs]):
        cell = _at(ours, place.ours)
        version = _at(theirs, place.theirs)
        before = _at(base, place.base)
        if version is None:
            assert cell is not None
            cells.append(cell)
            kept += 1
            continue
        organisers.append(len(cells))
        if cell is None:
            cells.append(version)
            followed += 1
            continue
        cells.append(merge_cell(before, cell, version))
        was = content(version if before is None else before)
        changed, changed_by_organiser = content(cell) != was, content(version) != was
        followed += changed_by_organiser and not changed
        kept += changed
        differ = changed and changed_by_organiser and content(cell) != content(version)
        if differ and not shown_beside(ours.cells, version):
            cells.append(beside_cell(version, label=label, language=_language(theirs)))
            beside += 1
    minor = max(ours.minor, theirs.minor)
    result = Version(
        "",
        _fields(base, ours, theirs, minor),
        with_ids(cells, first=organisers, needed=minor >= _IDS_SINCE),
    )
    return MergedNotebook(_text(base, ours, theirs, result, change), followed, kept, beside)


def _places(base: Version, ours: Version, theirs: Version) -> tuple[list[Place], list[Place], int]:
    """Return the places that stay of each side, and how many cells the organiser took out."""
    given, own, wanted = (version.pieces() for version in (base, ours, theirs))
    in_theirs = align(given, wanted)
    here = _here_already(own, wanted, set(in_theirs.values()))
    in_ours = align(given, own, apart=here)
    of_ours = {n: Place(None, n, m) for n, m in here.items()}
    of_ours.update((n, Place(b, n, in_theirs.get(b))) for b, n in in_ours.items())
    mine = [of_ours.get(n, Place(None, n, None)) for n in range(len(own))]

    def went(place: Place) -> bool:
        if place.base is None or place.ours is None or place.theirs is not None:
            return False
        return content(base.cells[place.base]) == content(ours.cells[place.ours])

    staying = [place for place in mine if not went(place)]
    of_theirs = {place.theirs: place for place in staying}
    taken_out = {n for b, n in in_theirs.items() if b not in in_ours}
    new = [of_theirs.get(n, Place(None, None, n)) for n in range(len(wanted)) if n not in taken_out]
    return staying, new, len(mine) - len(staying)


def _here_already(
    own: Sequence[Piece], wanted: Sequence[Piece], old: Collection[int]
) -> dict[int, int]:
    """Return the cells that the organiser added and that are here: both by their positions.

    They are there when the same change was merged once before.
    """
    added = {
        (piece.id, piece.text): n
        for n, piece in enumerate(wanted)
        if piece.id is not None and n not in old
    }
    found = {(piece.id, piece.text): n for n, piece in enumerate(own) if piece.id is not None}
    return {n: added[key] for key, n in found.items() if key in added}


def _numbered(ours: Version, theirs: Version) -> dict[tuple[int | None, int | None], int]:
    numbers: dict[tuple[str, str], int] = {}
    texts: dict[tuple[int | None, int | None], int] = {}
    for n, piece in enumerate(ours.pieces()):
        texts[n, None] = numbers.setdefault(piece.text, len(numbers))
    for n, piece in enumerate(theirs.pieces()):
        texts[None, n] = numbers.setdefault(piece.text, len(numbers))
    return texts


def _at(version: Version, index: int | None) -> dict[str, object] | None:
    return None if index is None else version.cells[index]


def _fields(base: Version, ours: Version, theirs: Version, minor: int) -> dict[str, object]:
    # What this package notes in the attendee's notebook is no matter of the organiser's.
    sides = [
        {key: value for key, value in side.metadata.items() if key != MARK or side is ours}
        for side in (base, ours, theirs)
    ]
    fields = merge_values(base.fields, ours.fields, theirs.fields, whole=("metadata",))
    metadata = merge_values(*sides, whole=_OF_ONE_PIECE)
    return {**fields, "metadata": metadata, "nbformat": 4, "nbformat_minor": minor}


def _text(base: Version, ours: Version, theirs: Version, result: Version, change: str) -> str:
    if result.same(ours):
        return ours.text
    if result.same(theirs) or ours.same(base):
        return theirs.text
    note = {**_note(ours), _CHANGE: change}
    fields = {**result.fields, "metadata": {**result.metadata, MARK: note}}
    return compose(fields, result.cells)


def _note(version: Version) -> dict[str, object]:
    note = version.metadata.get(MARK)
    return note if isinstance(note, dict) else {}


def _language(version: Version) -> str:
    for key, part in (("language_info", "name"), ("kernelspec", "language")):
        info = version.metadata.get(key)
        if isinstance(info, dict) and info.get(part):
            return str(info[part])
    return "python"

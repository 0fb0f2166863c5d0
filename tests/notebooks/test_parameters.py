"""A parameter's value is found and rewritten, and nothing else of its cell."""

from __future__ import annotations

import ast
import re

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from jupyter_monai_workshop.definition.models import CellAddress, Choice, Parameter
from jupyter_monai_workshop.notebooks import ParameterConflict, ParameterUnfit, Plain, SourceEdit
from jupyter_monai_workshop.notebooks.parameters import (
    find_value,
    fitting,
    same,
    written,
)
from jupyter_monai_workshop.notebooks.python_cells import parse_cell


def set_value(source: str, variable: str, value: Plain) -> str:
    old = find_value(source, variable)
    if same(old.value, value):
        return source
    return SourceEdit(old.start, old.end, written(value, like=old)).applied_to(source)


@pytest.mark.parametrize(
    ("before", "value", "after"),
    [
        ("n = 4", 2, "n = 2"),
        ("n=4;m=4", 2, "n=2;m=4"),
        ("n = 4  # four, vier, четыре", 2, "n = 2  # four, vier, четыре"),
        ("ü = '€𝄞'; n = 4", 2, "ü = '€𝄞'; n = 2"),
        ("n: int = 4", 2, "n: int = 2"),
        ("a, n, b = 1, 4, 2", 3, "a, n, b = 1, 3, 2"),
        ("(a, [n, b]) = (1, (4, 2))", 3, "(a, [n, b]) = (1, (3, 2))"),
        ("n = \\\n    4", 2, "n = \\\n    2"),
        ("n = (\n\t4\n)  # x", 2, "n = (\n\t2\n)  # x"),
        ("a = 1\r\nn = 4\r\nb = 1", 2, "a = 1\r\nn = 2\r\nb = 1"),
        ("a = 1\rn = 4\rb = 1", 2, "a = 1\rn = 2\rb = 1"),
        ("a = '\x0b\x0c\u2028'\nn = 4", 2, "a = '\x0b\x0c\u2028'\nn = 2"),
        ("\x0cn = 4", 2, "\x0cn = 2"),
        ("n = -4", 2, "n = 2"),
        ("n = 4", -2, "n = -2"),
        ("n = 1e-5", 0.001, "n = 0.001"),
        ("n = 0.1", 1e-5, "n = 1e-5"),
        ("n = 0.1", 1e22, "n = 1e22"),
        ("n = 0.5", 1, "n = 1.0"),
        ("n = 512", 0.5, "n = 0.5"),
        ("n = 10_000", 4, "n = 4"),
        ("n = True", False, "n = False"),
        ("n = 'a'", "b", "n = 'b'"),
        ('n = "a"', "it's", 'n = "it\'s"'),
        ("n = 'a'", "it's", "n = 'it\\'s'"),
        ('n = """a"""', 'b"c', 'n = """b\\"c"""'),
        ("n = r'a\\d'", "b\\w", "n = r'b\\w'"),
        ("n = r'a'", "b\\", "n = 'b\\\\'"),
        ("n = 'a' \\\n    'b'", "c", "n = 'c'"),
        ("n = 'a'", "Ü\n\t\x00", "n = 'Ü\\n\\t\\x00'"),
        ("!pip install x\n%matplotlib inline\nn = 4\nprint?", 2, None),
        ("files = !ls ü\nn = 4", 2, None),
        ("t = %timeit -o f(1)\nn = 4", 2, None),
        ("!echo 'it \\\n  goes on'\nn = 4", 2, None),
        ("if True:\n    !ls\nn = 4", 2, None),
        ("?print\nn = 4\nprint??", 2, None),
        ('!echo """\nn = 4', 2, None),
        ("!echo (\nn = 4\n!echo )", 2, None),
        ("%%time\nn = 4", 2, None),
        ("%%capture out\n!ls\nn = 4", 2, None),
        ("text = '''\n!n = 5\n%n = 6\n'''\n!ls\nn = 4", 2, None),
        ("x = 7\\\n%2\nn = 4", 2, None),
        ("def f(n):\n    n = 5\n    return [n for n in n]\nn = 4\nclass A:\n    n = 5", 2, None),
        ("[n for n in range(3)]\nn = 4\nf = lambda n: n", 2, None),
        ("n: int\nn = 4\nprint(n)", 2, None),
    ],
)
def test_only_the_value_changes(before: str, value: Plain, after: str | None) -> None:
    if after is None:
        after = re.sub(r"(?m)^n = 4$", "n = 2", before)
        assert after != before
    assert set_value(before, "n", value) == after
    assert same(find_value(after, "n").value, value)
    assert set_value(after, "n", value) == after


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("", "does not set n"),
        ("m = 4", "does not set n"),
        ("print(n)", "does not set n"),
        ("n: int", "does not set n"),
        ("%%bash\nn=4", "does not set n"),
        ("%%writefile a.py\nn = 4", "does not set n"),
        ("def f():\n    n = 4", "does not set n"),
        ("# n = 4", "does not set n"),
        ("n = 4\nn = 5", "2 times"),
        ("n = 4\nn += 1", "2 times"),
        ("n = 4\nif big:\n    n = 5", "2 times"),
        ("n = 4\nfor n in range(3): pass", "2 times"),
        ("n = 4\ndel n", "2 times"),
        ("n = 4\nimport n", "2 times"),
        ("n = 4\nimport a.b as n", "2 times"),
        ("n = 4\ndef n(): pass", "2 times"),
        ("n = 4\nwith f() as n: pass", "2 times"),
        ("n = 4\ntry: pass\nexcept E as n: pass", "2 times"),
        ("n = 4\nprint(n := 5)", "2 times"),
        ("n = 4\n[n := x for x in y]", "2 times"),
        ("n = 4\nmatch x:\n    case [n, *_]: pass", "2 times"),
        ("n, n = 1, 2", "2 times"),
        ("if big:\n    n = 4", "not simply"),
        ("for n in range(4): pass", "not simply"),
        ("n = m = 4", "not simply"),
        ("n = min(4, cpus)", "not simply"),
        ("n = 2 * 2", "not simply"),
        ("n = None", "not simply"),
        ("n = b'4'", "not simply"),
        ("n = 4j", "not simply"),
        ("n = f'4'", "not simply"),
        ("n = [4]", "not simply"),
        ("n = ...", "not simply"),
        ("n = -True", "not simply"),
        ("n = not True", "not simply"),
        ("n = 1e999", "not simply"),
        ("n, m = 4, *rest", "not simply"),
        ("n, m = pair", "not simply"),
        ("n = !ls", "not simply"),
        ("n = %time 4", "not simply"),
        ("x.n, n[0], (n) = 1, 2, m", "not simply"),
        ("n = ???", "not simply"),
        ("n = 4\nfor", "no Python"),
        ("n = 4\n'", "no Python"),
        ("n = 4\x00", "no Python"),
        ("n = '\ud800'", "no Python"),
        ("n = " + "(" * 500 + ")" * 500, "no Python"),
        ("n = " + "9" * 5000, "no Python"),
    ],
)
def test_what_cannot_be_set_is_a_conflict_with_a_hint(source: str, message: str) -> None:
    with pytest.raises(ParameterConflict, match=message) as caught:
        set_value(source, "n", 1)
    assert caught.value.hint


def parameter(*choices: Plain) -> Parameter:
    listed = tuple(Choice(value=value) for value in choices)
    cell = CellAddress(id="c")
    return Parameter(id="p", variable="n", title="N", cell=cell, choices=listed)


@pytest.mark.parametrize(
    ("choices", "value", "taken"),
    [
        ((4, 2), 1, 1),
        ((4, 2), 2.0, 2),
        ((0.5, 0.1), 1, 1),
        ((0.5, 2), 3, 3),
        (("a", "b"), "c", "c"),
        ((True, False), False, False),
        ((4, 2), 2.5, None),
        ((4, 2), True, None),
        ((4, 2), "2", None),
        ((0.5, 0.1), float("inf"), None),
        ((0.5, 0.1), float("nan"), None),
        ((True, False), 1, None),
        (("a", "b"), 1, None),
    ],
)
def test_a_value_must_be_of_the_kind_of_the_choices(
    choices: tuple[Plain, ...], value: Plain, taken: Plain | None
) -> None:
    if taken is None:
        with pytest.raises(ParameterUnfit) as caught:
            fitting(parameter(*choices), value)
        assert caught.value.hint
    else:
        assert fitting(parameter(*choices), value) == taken


# Whatever stands around it

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r\n\\'\"\0"))
LINES = st.one_of(
    TEXT.map("# {}".format),
    TEXT.map("a = '{}'".format),
    TEXT.map("b = '''{}\n!n = 3\n{{}}'''".format),
    TEXT.map("!echo {}".format),
    TEXT.map("out = !echo {}".format),
    TEXT.map("%env {}".format),
    st.sampled_from(
        [
            "",
            "print?",
            "?print",
            "if a:\n\t!ls\n\tb = 1",
            "def f(n):\n    n = 3\n    return n",
            "m, \\\n  k = 1, (2,\n 3)",
            "x = 'é'; y = 2",
            "\x0cz = 1",
        ]
    ),
)
VALUES: st.SearchStrategy[Plain] = st.one_of(
    st.booleans(),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(),
)
FORMS = st.sampled_from(
    [
        "n = {}",
        "n={}  # ü n = 4",
        "é = '𝄞'; n = {}; k = 1",
        "n: object = {}",
        "n = (  # n\n\t{}\n)",
        "n = \\\n    {}",
        "k, n = 'ü', {}",
        "[k, (n, j)] = 1, ({}, 2)",
    ]
)


@st.composite
def cells(draw: st.DrawFn) -> tuple[str, str, str]:
    """Draw a cell in three pieces; the middle one is the value."""
    value = draw(VALUES)
    line_break = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    before, after = draw(FORMS).split("{}")
    above = "".join(line + "\n" for line in draw(st.lists(LINES, max_size=4)))
    below = "".join("\n" + line for line in draw(st.lists(LINES, max_size=4)))
    quotes = draw(st.sampled_from(["'", '"']))
    literal = repr(value)
    if isinstance(value, str) and quotes == '"' and "'" not in value and '"' not in value:
        literal = f'"{literal[1:-1]}"'
    texts = [(above + before).replace("\n", line_break), literal]
    return texts[0], texts[1], (after + below).replace("\n", line_break)


@settings(deadline=None)
@given(cells(), VALUES)
@example(("n = ", "1e-05", ""), 4.0)
def test_a_value_is_set_and_set_back(cell: tuple[str, str, str], value: Plain) -> None:
    before, literal, after = cell
    source = before + literal + after
    try:
        parse_cell(source)
    except SyntaxError:
        assume(False)
    found = find_value(source, "n")
    assert source[found.start : found.end] == literal
    assert (found.start, found.text) == (len(before), literal)
    assert same(found.value, ast.literal_eval(literal))

    changed = set_value(source, "n", value)
    assert changed.startswith(before)
    assert changed.endswith(after)
    parse_cell(changed)
    assert same(find_value(changed, "n").value, value)

    now = find_value(changed, "n")
    assert SourceEdit(now.start, now.end, found.text).applied_to(changed) == source


@settings(deadline=None)
@given(st.lists(LINES, max_size=8).map("\n".join))
def test_what_is_python_keeps_its_place(source: str) -> None:
    try:
        tree = parse_cell(source)
    except SyntaxError:
        return
    lines = re.split(r"\r\n|\r|\n", source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and node.id != "_":
            line = lines[node.lineno - 1].encode()
            assert line[node.col_offset : node.end_col_offset].decode() == node.id

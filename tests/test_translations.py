"""Every message of the panel is translated, and JupyterLab's server hands them out."""

import json
import re
from pathlib import Path

import pytest
from babel.messages.catalog import Message
from jupyterlab_server.translation_utils import get_language_pack

from scripts import messages
from scripts.messages import (
    DOMAIN,
    SAID,
    TEMPLATE,
    collect,
    compiled,
    in_step,
    read,
    said,
    written,
)
from scripts.server_messages import messages_in

TRANSLATIONS = messages.translations()
RUN = "run `make messages`"


def forms(message: Message) -> list[tuple[str, str]]:
    """Return each translated text beside the English text that it stands for."""
    if isinstance(message.id, tuple):
        assert isinstance(message.string, tuple)
        one, many = message.id
        return [(one if n == 0 else many, text) for n, text in enumerate(message.string)]
    assert isinstance(message.id, str)
    assert isinstance(message.string, str)
    return [(message.id, message.string)]


def placeholders(text: str) -> set[str]:
    return set(re.findall(r"%\d+", text))


def test_the_template_holds_every_message_of_the_source() -> None:
    assert TEMPLATE.read_text("utf-8") == written(collect()), RUN


def test_the_page_knows_what_the_server_says() -> None:
    assert SAID.read_text("utf-8") == said(), RUN


SOURCE = '''
"""A docstring of several words."""
def tell(name: str, size: int) -> str:
    """Another docstring of several words."""
    log.warning("a log of several words %s", name)
    if re.search("a pattern of words", name):
        raise Failed(f"The file “{name}” is " f"{size} bytes.", hint="Make it " "smaller.")
    words = {"one": "{host} refuses {host} the {thing}."}
    return f" and {name or 'one of several'}"
'''


def test_what_the_server_says_is_read_from_its_source() -> None:
    assert list(messages_in(SOURCE)) == [
        "The file “%1” is %2 bytes.",
        "Make it smaller.",
        "%1 refuses %1 the %2.",
        "and %1",
        "one of several",
    ]


def test_a_message_that_is_not_written_out_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "Panel.tsx"
    source.write_text("const a = trans.__('Said'); const b = trans.__(words[state]);")
    with pytest.raises(ValueError, match="2 calls of the translator, 1 messages"):
        list(messages.messages_of(source))


def test_german_is_there() -> None:
    assert [path.parts[-3] for path in TRANSLATIONS] == ["de_DE"]


@pytest.mark.parametrize("path", TRANSLATIONS, ids=lambda path: path.parts[-3])
class TestTranslation:
    def test_it_has_the_messages_of_the_template_and_no_others(self, path: Path) -> None:
        assert path.read_text("utf-8") == written(in_step(read(path), collect())), RUN

    def test_no_message_is_missing(self, path: Path) -> None:
        missing = [
            message.id
            for message in read(path)
            if message.id and not all(text for _, text in forms(message))
        ]
        assert missing == []

    def test_each_has_the_placeholders_of_the_english(self, path: Path) -> None:
        wrong = [
            text
            for message in read(path)
            for english, text in forms(message)
            if message.id and placeholders(text) != placeholders(english)
        ]
        assert wrong == []

    def test_each_number_has_a_form(self, path: Path) -> None:
        catalog = read(path)
        counted = [message for message in catalog if isinstance(message.id, tuple)]
        assert counted
        assert {len(forms(message)) for message in counted} == {catalog.num_plurals}

    def test_it_ends_as_the_english_ends(self, path: Path) -> None:
        # But for a duration at the end, which brings a full stop in some languages: "Min."
        wrong = [
            text
            for message in read(path)
            for english, text in forms(message)
            if english and english[-1] in ".:…?" and text[-1:] != english[-1]
            if not english.endswith(" %1.")
        ]
        assert wrong == []

    def test_what_the_page_reads_is_compiled_from_it(self, path: Path) -> None:
        assert path.with_suffix(".json").read_text("utf-8") == compiled(read(path)), RUN


def test_jupyterlab_hands_out_the_german_where_it_speaks_german() -> None:
    packs, message = get_language_pack("de_DE")
    assert message.strip() == ""
    german = json.loads(TRANSLATIONS[0].with_suffix(".json").read_text("utf-8"))
    assert packs[DOMAIN] == german
    assert packs[DOMAIN]["Get everything ready"] == ["Alles vorbereiten"]

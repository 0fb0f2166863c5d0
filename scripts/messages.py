"""Keep the catalogues of messages in step with the source.

``python -m scripts.messages`` collects every message of the panel and of the server into
the template, brings every translation in step with it, and compiles the translations to
the JSON that JupyterLab's server hands to the page.
"""

import json
import re
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.core import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract
from babel.messages.pofile import read_po, write_po

from scripts.server_messages import server_messages

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src"
SCHEMA = ROOT / "schema" / "plugin.json"
DOMAIN = "jupyter_monai_workshop"
LOCALE = ROOT / "jupyter_monai_workshop" / "locale"
TEMPLATE = LOCALE / f"{DOMAIN}.pot"
SAID = SOURCE / "core" / "said.json"
"""What the server says, for the page, which finds it again by its words."""
SERVER = "server"
"""The context of these messages."""

#: The translator's methods and which of their arguments are messages.
KEYWORDS = {
    "trans.__": None,
    "trans._n": (1, 2),
    "trans._p": ((1, "c"), 2),
    "trans._np": ((1, "c"), 2, 3),
}
CALL = re.compile(r"\btrans\s*\.\s*_(?:_|n|p|np)\(")
#: How gettext joins a context and a message to one key.
CONTEXT_END = "\x04"

HEADER = """\
# {title} of jupyter-monai-workshop.
msgid ""
msgstr ""
"Project-Id-Version: {domain}\\n"
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"""


def sources() -> list[Path]:
    """Return the front end's files that may hold messages, without its tests."""
    found = [*SOURCE.rglob("*.ts"), *SOURCE.rglob("*.tsx")]
    return sorted(path for path in found if "__tests__" not in path.parts)


def messages_of(path: Path) -> Iterator[tuple[str | tuple[str, ...], str | None]]:
    """Yield the messages of one file, each with its context.

    Raises
    ------
    ValueError
        A call of the translator does not have its message written out, so that nobody
        could translate it.
    """
    text = path.read_bytes()
    options = {"jsx": True, "template_string": True}
    found = list(extract("javascript", BytesIO(text), keywords=KEYWORDS, options=options))
    calls = len(CALL.findall(text.decode()))
    if len(found) != calls:
        raise ValueError(f"{path}: {calls} calls of the translator, {len(found)} messages")
    for _, message, _, context in found:
        yield message, context


def settings() -> Iterator[tuple[str, str]]:
    """Yield the words of the settings' schema, each with its context.

    The contexts are those of ``jupyterlab_server.translation_utils``.
    """
    schema = json.loads(SCHEMA.read_text("utf-8"))
    yield schema["title"], "schema"
    yield schema["description"], "schema"
    yield schema["jupyter.lab.setting-icon-label"], "settings"
    for each in schema["properties"].values():
        yield each["title"], "settings"
        yield each["description"], "settings"


def collect() -> Catalog:
    """Return all messages of the front end and of the server, without translations."""
    catalog = Catalog(domain=DOMAIN)
    for path in sources():
        for message, context in messages_of(path):
            catalog.add(message, locations=[(_name(path), 0)], context=context)
    for message, context in settings():
        catalog.add(message, locations=[(_name(SCHEMA), 0)], context=context)
    for message, places in server_messages().items():
        catalog.add(message, locations=[(place, 0) for place in places], context=SERVER)
    return catalog


def said() -> str:
    """Return the list of what the server says, as the text of its file."""
    return json.dumps(sorted(server_messages()), ensure_ascii=False, indent=1) + "\n"


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def written(catalog: Catalog) -> str:
    """Return a catalogue as the text of its file, in the order of the messages."""
    buffer = BytesIO()
    write_po(
        buffer,
        catalog,
        width=88,
        omit_header=True,
        sort_output=True,
        ignore_obsolete=True,
        include_lineno=False,
    )
    return _header(catalog) + "\n" + buffer.getvalue().decode("utf-8")


def _header(catalog: Catalog) -> str:
    title = "The messages"
    if catalog.locale is not None:
        title = f"{catalog.locale.english_name} translation"
    lines = HEADER.format(title=title, domain=DOMAIN)
    if catalog.locale is not None:
        lines += f'"Language: {catalog.locale}\\n"\n'
        lines += f'"Plural-Forms: {catalog.plural_forms}\\n"\n'
    return lines


def translations() -> list[Path]:
    """Return the translations that there are."""
    return sorted(LOCALE.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))


def read(path: Path) -> Catalog:
    """Return a translation; its language is that of its folder."""
    with path.open("rb") as file:
        return read_po(file, locale=Locale.parse(path.parts[-3]), domain=DOMAIN)


def in_step(translation: Catalog, template: Catalog) -> Catalog:
    """Return a translation with exactly the messages of the template."""
    translation.update(template, no_fuzzy_matching=True)
    return translation


def is_translated(message: Message) -> bool:
    """Return whether a message has all its texts."""
    texts = message.string if isinstance(message.string, tuple) else (message.string,)
    return all(texts)


def compiled(catalog: Catalog) -> str:
    """Return a translation as the JSON that JupyterLab's page reads.

    Messages without a translation are left out: the page shows the English then.
    """
    header = {
        "domain": DOMAIN,
        "language": str(catalog.locale).replace("_", "-"),
        "plural_forms": catalog.plural_forms,
    }
    entries: dict[str, object] = {"": header}
    for message in catalog:
        if message.id and is_translated(message):
            texts = message.string if isinstance(message.string, tuple) else (message.string,)
            single = message.id if isinstance(message.id, str) else message.id[0]
            prefix = f"{message.context}{CONTEXT_END}" if message.context else ""
            entries[prefix + single] = list(texts)
    return json.dumps(entries, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write the template, the server's messages, the translations and what they compile to."""
    SAID.write_text(said(), "utf-8")
    template = collect()
    TEMPLATE.write_text(written(template), "utf-8")
    for path in translations():
        translation = in_step(read(path), template)
        path.write_text(written(translation), "utf-8")
        path.with_suffix(".json").write_text(compiled(translation), "utf-8")
        missing = [each for each in translation if not is_translated(each)]
        print(f"{_name(path)}: {len(translation)} messages, {len(missing)} not translated")


if __name__ == "__main__":
    main()

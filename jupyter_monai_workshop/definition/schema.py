"""The JSON schema of a definition, for editors and other tools.

``python -m jupyter_monai_workshop.definition.schema`` prints what is kept in
``workshop.schema.json`` beside this file.
"""

from __future__ import annotations

import json
from pathlib import Path

from .models import Definition

SCHEMA_FILE = Path(__file__).with_name("workshop.schema.json")


def schema_text() -> str:
    """Return the schema as indented JSON with a line break at the end."""
    schema = Definition.model_json_schema()
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    print(schema_text(), end="")

"""The example in the documentation is a definition that works."""

import re
from pathlib import Path

from jupyter_monai_workshop.definition.loading import examine_definition


def test_the_documented_example_has_no_problem(tmp_path: Path) -> None:
    page = Path(__file__).parents[2] / "docs" / "definition.md"
    example = re.search(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    assert example
    path = tmp_path / "workshop.yaml"
    path.write_text(example.group(1), encoding="utf-8")
    definition, problems = examine_definition(path)
    assert definition is not None
    assert problems == ()

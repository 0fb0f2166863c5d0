"""Sum the reports of all test runners into one line: ``N passed, N failed``.

Reads JUnit XML (pytest, Playwright) and jest's JSON. Fails if a runner left no report,
or if a test failed or was skipped.
"""

import json
import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path

EXPECTED = ("pytest.xml", "alone.xml", "jest.json", "browser.xml")


def junit(path: Path) -> "tuple[int, int, int]":
    """Return passed, failed and skipped of one JUnit file."""
    cases = list(ElementTree.parse(path).getroot().iter("testcase"))
    failed = sum(1 for c in cases if c.find("failure") is not None or c.find("error") is not None)
    skipped = sum(1 for c in cases if c.find("skipped") is not None)
    return len(cases) - failed - skipped, failed, skipped


def jest(path: Path) -> "tuple[int, int, int]":
    """Return passed, failed and skipped of jest's JSON report."""
    report = json.loads(path.read_text())
    failed = report["numFailedTests"] + report["numRuntimeErrorTestSuites"]
    return report["numPassedTests"], failed, report["numPendingTests"]


def main(folder: Path) -> int:
    """Print the sum; return 0 when everything ran and passed."""
    passed = failed = skipped = 0
    for name in EXPECTED:
        path = folder / name
        if not path.exists():
            print(f"{name}: this runner left no report")
            failed += 1
            continue
        p, f, s = junit(path) if path.suffix == ".xml" else jest(path)
        print(f"{name}: {p} passed, {f} failed" + (f", {s} skipped" if s else ""))
        passed, failed, skipped = passed + p, failed + f, skipped + s
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))

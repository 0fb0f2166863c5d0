"""A rehearsal in JUnit's XML, as continuous integration reads it."""

from __future__ import annotations

import re
from xml.etree import ElementTree

from ..jobs.job import Failure
from .results import ModuleResult, Rehearsal

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def junit_xml(rehearsal: Rehearsal) -> str:
    """Return the rehearsal as a JUnit document: a suite for each module, a case for each step."""
    root = ElementTree.Element("testsuites", name=rehearsal.title, time=str(rehearsal.seconds))
    counts = {"tests": 0, "failures": 0, "skipped": 0, "errors": 0}
    for result in rehearsal.results:
        suite = _suite(rehearsal, result)
        for name in counts:
            counts[name] += int(suite.get(name, "0"))
        root.append(suite)
    for name, count in counts.items():
        root.set(name, str(count))
    ElementTree.indent(root)
    return ElementTree.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(rehearsal: Rehearsal, result: ModuleResult) -> ElementTree.Element:
    name = f"{rehearsal.workshop}.{result.module}"
    suite = ElementTree.Element(
        "testsuite",
        name=f"{name} ({result.kernel})" if result.kernel else name,
        hostname=result.machine.name if result.machine else "",
        timestamp=result.started.strftime("%Y-%m-%dT%H:%M:%S"),
        time=str(result.seconds),
    )
    properties = ElementTree.SubElement(suite, "properties")
    machine = {"machine": result.machine.kind} if result.machine else {}
    for key, value in {**machine, **result.versions}.items():
        ElementTree.SubElement(properties, "property", name=key, value=_clean(value))
    cases = [
        _case(suite, f"{name}.preparation", part.name, part.seconds, part.failure)
        for part in result.preparation
    ]
    told = {part.failure for part in result.preparation} | {it.failure for it in result.steps}
    if result.failure and result.failure not in told:
        _case(suite, name, "run", result.seconds, result.failure)
        cases.append("failed")
    for step in result.steps:
        cell = f"Cell {step.cell}:\n{step.source}\n" if step.cell else ""
        cases.append(_case(suite, name, step.id, step.seconds, step.failure, cell))
        if step.state == "not run":
            reason = "a step before it failed, or the rehearsal ended"
            ElementTree.SubElement(suite[-1], "skipped", message=reason)
            cases[-1] = "skipped"
    if result.lost:
        ElementTree.SubElement(suite, "system-out").text = _clean("\n".join(result.lost))
    suite.set("tests", str(len(cases)))
    suite.set("failures", str(cases.count("failed")))
    suite.set("skipped", str(cases.count("skipped")))
    suite.set("errors", "0")
    return suite


def _case(
    suite: ElementTree.Element,
    classname: str,
    name: str,
    seconds: float | None,
    failure: Failure | None,
    cell: str = "",
) -> str:
    case = ElementTree.SubElement(
        suite, "testcase", classname=classname, name=name, time=str(seconds or 0)
    )
    if failure is None:
        return "passed"
    message = _clean(failure.message)
    element = ElementTree.SubElement(case, "failure", type=failure.code, message=message)
    element.text = _clean("\n".join(filter(None, (failure.hint, cell, failure.details))))
    return "failed"


def _clean(text: str) -> str:
    return _NOT_XML.sub("", text)

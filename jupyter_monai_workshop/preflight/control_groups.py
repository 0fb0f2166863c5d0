"""The control groups of this process: how containers and batch systems limit it.

Both versions are read. What is there may be strange (a path of the host, half a mount,
values of another system), so everything that cannot be understood counts as no limit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PLACE = "sys/fs/cgroup"
ROOT = Path("/")


@dataclass(frozen=True)
class ControlGroup:
    """One control group.

    Attributes
    ----------
    unified
        Whether it is of version 2, whose files have other names.
    """

    folder: Path
    unified: bool

    def text(self, name: str) -> str:
        """Return what the file `name` holds; empty when it cannot be read."""
        try:
            return (self.folder / name).read_text("ascii").strip()
        except (OSError, ValueError):
            return ""

    def number(self, name: str) -> int | None:
        """Return the number in the file `name`; ``None`` when it holds none."""
        return _number(self.text(name))

    def named_number(self, name: str, key: str) -> int | None:
        """Return the number behind `key` in the file `name`, which has one key a line."""
        for line in self.text(name).splitlines():
            words = line.split()
            if len(words) == 2 and words[0] == key:
                return _number(words[1])
        return None


def control_groups(controller: str, root: Path = ROOT) -> Iterator[ControlGroup]:
    """Yield the groups that limit this process for `controller`, such as ``memory``.

    Every group above counts too. In a container the path may be that of the host, which
    does not exist here; the walk upwards then ends at the container's own group.
    """
    try:
        lines = (root / "proc/self/cgroup").read_text("utf-8").splitlines()
    except (OSError, ValueError):
        return
    for line in lines:
        number, _, rest = line.partition(":")
        controllers, separator, group = rest.partition(":")
        if not number.isdigit() or not separator:
            continue
        if controllers == "":
            tops = [root / PLACE, root / PLACE / "unified"]
        elif controller in controllers.split(","):
            tops = [root / PLACE / controllers]
            if controllers != controller:
                tops.append(root / PLACE / controller)
        else:
            continue
        # A path with ".." is that of a group outside this container.
        below = "" if ".." in group.split("/") else group.strip("/")
        for top in tops:
            here = top / below
            for folder in (here, *(above for above in here.parents if above.is_relative_to(top))):
                yield ControlGroup(folder, unified=controllers == "")


def memory_limit(root: Path = ROOT) -> tuple[int, ControlGroup] | None:
    """Return the lowest limit of memory in bytes, and whose it is; ``None`` without one."""
    lowest: tuple[int, ControlGroup] | None = None
    for group in control_groups("memory", root):
        limit = group.number("memory.max" if group.unified else "memory.limit_in_bytes")
        if limit is not None and limit > 0 and (lowest is None or limit < lowest[0]):
            lowest = limit, group
    return lowest


def processor_limit(root: Path = ROOT) -> tuple[float, ControlGroup] | None:
    """Return the lowest quota in processors, such as 1.5, and whose it is."""
    lowest: tuple[float, ControlGroup] | None = None
    for group in control_groups("cpu", root):
        if group.unified:
            words = group.text("cpu.max").split()
            quota, period = (_number(word) for word in [*words, "", ""][:2])
        else:
            quota, period = group.number("cpu.cfs_quota_us"), group.number("cpu.cfs_period_us")
        if quota is None or period is None or quota <= 0 or period <= 0:
            continue
        limit = quota / period
        if lowest is None or limit < lowest[0]:
            lowest = limit, group
    return lowest


def _number(word: str) -> int | None:
    try:
        return int(word)
    except ValueError:  # "max", or nothing
        return None

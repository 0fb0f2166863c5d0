"""Why a kit cannot be packed or used, each reason with its own code."""

from __future__ import annotations

from ..errors import WorkshopError
from ..materials.data_failures import megabytes
from ..materials.failures import DiskFull


class KitFailure(WorkshopError):
    """A kit cannot be packed or used."""

    code = "kit_failed"


class KitMissing(KitFailure):
    """There is no file where the kit should be, or it may not be read."""

    code = "kit_missing"

    def __init__(self, name: str, details: str = "") -> None:
        super().__init__(
            f"The kit “{name}” cannot be read.",
            hint="Check the path of the kit, and whether you may read the file.",
            details=details,
        )


class NotAKit(KitFailure):
    """The file is something else."""

    code = "not_a_kit"

    def __init__(self, name: str, details: str = "") -> None:
        super().__init__(
            f"The file “{name}” is not a workshop kit.",
            hint="A kit is made by “jupyter monai-workshop pack”. It is a tar file, and is used "
            "as it is: neither unpacked nor compressed.",
            details=details,
        )


class KitTooNew(KitFailure):
    """The kit was packed by a later version of this extension."""

    code = "kit_too_new"

    def __init__(self, name: str, found: int) -> None:
        super().__init__(
            f"The kit “{name}” was packed by a later version of this extension.",
            hint="Update jupyter_monai_workshop, or pack the kit anew with this version.",
            details=f"format {found}",
        )


class KitDamaged(KitFailure):
    """The kit is not as it was packed: cut short, or changed."""

    code = "kit_damaged"

    def __init__(self, name: str, details: str) -> None:
        super().__init__(
            f"The kit “{name}” is damaged. Nothing of it was used.",
            hint="Copy it again from where it was packed, and compare the size of the files.",
            details=details,
        )


class KitRefused(KitFailure):
    """The kit holds what no kit holds, such as links or names that lead elsewhere."""

    code = "kit_refused"

    def __init__(self, name: str, reason: str) -> None:
        super().__init__(
            f"The kit “{name}” was refused, and nothing of it was used: {reason}.",
            hint="Do not use this file. Ask the organiser of the workshop for the kit.",
            details=reason,
        )


class KitForOther(KitFailure):
    """The kit was packed for another workshop, or for another version of this one."""

    code = "kit_for_other"


class KitUnfit(KitFailure):
    """The packages in the kit are for another kind of machine."""

    code = "kit_unfit"

    def __init__(self, problem: str) -> None:
        super().__init__(
            problem,
            hint="Pack a kit where the same Python runs as here. Materials and data of this kit "
            "can be used: leave the environment out.",
        )


class KitNeedsRoom(DiskFull):
    """The disk has less room than the kit needs; nothing was begun."""

    def __init__(self, what: str, needed: int, free: int) -> None:
        super().__init__(f"{needed} bytes needed, {free} bytes free")
        self.message = (
            f"{what} needs {megabytes(needed)} of room on the disk, "
            f"and only {megabytes(free)} are free."
        )
        self.args = (self.message,)


class NothingToPack(KitFailure):
    """The kit would be empty."""

    code = "nothing_to_pack"

    def __init__(self, workshop: str) -> None:
        super().__init__(
            f"There is nothing to pack for “{workshop}”: what was asked for comes with the "
            "workshop, or is on this machine already.",
            hint="Leave fewer parts out. A workshop that brings its own files and finds every "
            "package in the base Python needs no kit.",
        )


class NotAFile(KitFailure):
    """A folder is where the kit should be written."""

    code = "not_a_file"

    def __init__(self, name: str) -> None:
        super().__init__(
            f"The kit cannot be written to “{name}”: that is a folder.",
            hint="Give the name of a file, such as kit.tar.",
        )


class CopyIsFolder(KitFailure):
    """A folder stands in for a data set, and a kit holds the file itself."""

    code = "copy_is_folder"

    def __init__(self, title: str) -> None:
        super().__init__(
            f"A folder stands in for “{title}”, but a kit holds the file that is downloaded.",
            hint="Give the file or its address instead of the folder, or no copy.",
        )

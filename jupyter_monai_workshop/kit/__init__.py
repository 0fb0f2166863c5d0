"""A workshop in one file, for a room without network: packing it, and using it."""

from .failures import KitFailure, KitForOther, KitUnfit
from .opening import Kit, open_kit
from .packing import KIT_PARTS, KitPart, PackedKit, Sources, pack_kit

__all__ = [
    "KIT_PARTS",
    "Kit",
    "KitFailure",
    "KitForOther",
    "KitPart",
    "KitUnfit",
    "PackedKit",
    "Sources",
    "open_kit",
    "pack_kit",
]

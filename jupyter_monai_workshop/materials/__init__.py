"""Bringing a workshop's files, whole or not at all: repositories, bundled folders, data sets."""

from .bringing import bring_materials, observe_materials, staged_materials
from .data_copy import DataCopy
from .data_sets import bring_data, data_room
from .data_state import DataState, data_folder, observe_data
from .git_login import Login
from .git_patience import GitPatience
from .state import MaterialsState

__all__ = [
    "DataCopy",
    "DataState",
    "GitPatience",
    "Login",
    "MaterialsState",
    "bring_data",
    "bring_materials",
    "data_folder",
    "data_room",
    "observe_data",
    "observe_materials",
    "staged_materials",
]

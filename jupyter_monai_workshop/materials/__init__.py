"""Bringing a workshop's files: git repositories and bundled folders, whole or not at all."""

from .bringing import bring_materials, observe_materials
from .state import MaterialsState

__all__ = ["MaterialsState", "bring_materials", "observe_materials"]

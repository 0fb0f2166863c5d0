"""Bringing the extension into SageMaker Studio: a lifecycle configuration or a custom image."""

from .scripts import SCRIPT_BYTES, dockerfile, lifecycle_config
from .wanted import TagUnfit, VersionUnfit, Wanted, WheelUnfit, version_wanted, wheel_wanted

__all__ = [
    "SCRIPT_BYTES",
    "TagUnfit",
    "VersionUnfit",
    "Wanted",
    "WheelUnfit",
    "dockerfile",
    "lifecycle_config",
    "version_wanted",
    "wheel_wanted",
]

"""The version, as the installed package's metadata has it (``package.json`` is its source)."""

from importlib.metadata import PackageNotFoundError, version

try:
    __version__ = version("jupyter_monai_workshop")
except PackageNotFoundError:  # run from a checkout that is not installed
    __version__ = "0.0.0"

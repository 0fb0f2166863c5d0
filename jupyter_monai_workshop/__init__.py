"""Walks attendees through hands-on MONAI workshops inside JupyterLab."""

from __future__ import annotations


def __getattr__(name: str) -> str:
    """Look the version up when it is first asked for, as that takes time."""
    if name == "__version__":
        from ._version import __version__

        return __version__
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def _jupyter_labextension_paths() -> list[dict[str, str]]:
    return [{"src": "labextension", "dest": "jupyter-monai-workshop"}]


def _jupyter_server_extension_points() -> list[dict[str, object]]:
    from .server.app import MonaiWorkshopApp

    return [{"module": "jupyter_monai_workshop", "app": MonaiWorkshopApp}]

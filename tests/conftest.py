"""Fixtures of pytest-jupyter, for the suites that need a Jupyter server."""

pytest_plugins = ["pytest_jupyter.jupyter_server"]

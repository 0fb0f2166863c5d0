"""The Jupyter server extension: REST handlers, pushed events, configuration."""

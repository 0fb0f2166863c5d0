"""A hub on the loopback for people who are who they say they are."""

import json
import os

told = json.loads(os.environ["UI_TESTS_HUB"])
folder = told["folder"]

c = get_config()  # noqa: F821  given by JupyterHub
c.JupyterHub.bind_url = f"http://127.0.0.1:{told['port']}"
c.JupyterHub.hub_port = told["hub_port"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{told['proxy_port']}"
c.JupyterHub.db_url = f"sqlite:///{folder}/hub.sqlite"
c.JupyterHub.cookie_secret_file = f"{folder}/cookie_secret"
c.ConfigurableHTTPProxy.pid_file = f"{folder}/proxy.pid"
c.JupyterHub.authenticator_class = "dummy"
c.Authenticator.allow_all = True
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = f"{folder}/home/{{username}}"
c.Spawner.default_url = "/lab"
c.Spawner.start_timeout = 120
c.Spawner.http_timeout = 120
c.Spawner.args = [
    "--allow-root",
    "--LabApp.expose_app_in_browser=True",
    f"--MonaiWorkshopApp.trusted_folders={told['definitions']}",
    "--MonaiWorkshopApp.default_workshop=guided",
]
c.JupyterHub.services = [{"name": "ui-tests", "api_token": told["token"]}]
c.JupyterHub.load_roles = [
    {"name": "looks", "scopes": ["access:servers"], "services": ["ui-tests"]}
]

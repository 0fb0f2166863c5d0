"""The workshop's own kernel environment: where it is, how it is, and building it.

One virtual environment a workshop, in Jupyter's data folder, which inherits the
packages of the Python that JupyterLab runs on and adds only what is missing.
"""

from .build import build_environment
from .failures import EnvironmentFailure
from .generations import remove_environment
from .inheriting import base_packages, index_addresses
from .kernelspec import read_variables
from .observe import EnvironmentState, observe_environment, served_by_kernel
from .place import EnvironmentPlace, place_of
from .plan import InstallPlan, PlannedPackage
from .planning import plan_environment

__all__ = [
    "EnvironmentFailure",
    "EnvironmentPlace",
    "EnvironmentState",
    "InstallPlan",
    "PlannedPackage",
    "base_packages",
    "build_environment",
    "index_addresses",
    "observe_environment",
    "place_of",
    "plan_environment",
    "read_variables",
    "remove_environment",
    "served_by_kernel",
]

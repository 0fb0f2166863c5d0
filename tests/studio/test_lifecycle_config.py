"""The on-start script, run as a space runs it: it helps where it can and never harms."""

from __future__ import annotations

import base64
import json
import os
import subprocess
from pathlib import Path

import pytest

from jupyter_monai_workshop.studio import (
    WheelUnfit,
    lifecycle_config,
    version_wanted,
    wheel_wanted,
)

from .container import Container, quoted, write_wheel

OURS = "jupyter-monai-workshop"
WHEEL = "jupyter_monai_workshop-0.1.0-py3-none-any.whl"
SCRIPT = lifecycle_config(version_wanted("0.1.0"))


@pytest.fixture
def container(tmp_path: Path) -> Container:
    container = Container(tmp_path)
    container.publish(OURS, "0.1.0", ["numpy>=1", "nvidia-ml-py"])
    return container


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_the_first_start_installs_and_restarts_once_the_second_changes_nothing(
    container: Container, shell: str
) -> None:
    said = container.start(SCRIPT, shell=shell)
    assert "0.1.0 is installed" in said
    assert "restarted" in said
    # A newer numpy lies there; the image's own stays.
    image = {"numpy": "1.26.4", "nvidia_ml_py": "13.0.0", "jupyter_monai_workshop": "0.1.0"}
    assert container.versions() == image
    container.fake_pip("sys.exit(1)")
    assert container.start(SCRIPT, shell=shell) == f"{OURS} 0.1.0 is there."
    assert (container.restarted(), container.versions()) == (1, image)
    assert not container.pip_record.exists()


def test_another_version_takes_the_place_of_the_one_that_is_there(container: Container) -> None:
    container.start(SCRIPT)
    container.publish(OURS, "0.2.0")
    assert "0.2.0 is installed" in container.start(lifecycle_config(version_wanted("0.2.0")))
    assert container.versions()["jupyter_monai_workshop"] == "0.2.0"
    assert container.restarted() == 2


def test_what_would_replace_a_package_of_the_image_is_not_installed(container: Container) -> None:
    container.publish(OURS, "0.2.0", ["numpy>=2"])
    said = container.start(lifecycle_config(version_wanted("0.2.0")))
    assert "pip ended with status 1" in said
    assert "numpy" in said
    assert "starts without" in said
    assert (container.versions(), container.restarted()) == ({"numpy": "1.26.4"}, 0)


def test_a_package_without_a_proper_version_does_not_stop_it(container: Container) -> None:
    odd = container.packages / "odd-1.dist-info"
    odd.mkdir()
    (odd / "METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 2023c-final!\n")
    assert "is installed" in container.start(SCRIPT)


def test_what_a_person_has_set_for_pip_does_not_lead_it_elsewhere(container: Container) -> None:
    elsewhere = container.home / "mine"
    own = container.home / ".local" / container.packages.relative_to(container.conda)
    write_wheel(container.home, OURS, "0.1.0")
    variables = {"PIP_USER": "1", "PIP_TARGET": str(elsewhere), "PIP_PREFIX": str(elsewhere)}
    assert "is installed" in container.start(SCRIPT, variables)
    assert "jupyter_monai_workshop" in container.versions()
    assert not elsewhere.exists()
    assert not own.exists()


def test_without_the_right_to_write_it_does_not_go_into_the_home_folder(
    container: Container,
) -> None:
    container.fake_pip("print('ERROR: [Errno 13] Permission denied'); sys.exit(1)")
    said = container.start(SCRIPT)
    assert "Permission denied" in said
    assert container.restarted() == 0
    noted = [json.loads(line) for line in container.pip_record.read_text().splitlines()]
    assert [it["arguments"][0] for it in noted] == ["list", "install"]
    for it in noted:
        assert (it["variables"]["PIP_USER"], it["variables"]["PYTHONNOUSERSITE"]) == ("0", "1")


def test_a_version_that_nobody_has_is_told(container: Container) -> None:
    said = container.start(lifecycle_config(version_wanted("9.9")))
    assert "No matching distribution found for jupyter-monai-workshop==9.9" in said
    assert (container.versions(), container.restarted()) == ({"numpy": "1.26.4"}, 0)


def test_without_a_network_the_space_starts_all_the_same(container: Container) -> None:
    said = container.start(
        SCRIPT,
        {
            "PIP_NO_INDEX": "0",
            "PIP_FIND_LINKS": "",
            "PIP_INDEX_URL": "http://127.0.0.1:9/simple",
            "PIP_RETRIES": "0",
        },
    )
    assert "Is the package index reached" in said
    assert "starts without" in said
    assert container.restarted() == 0


def test_a_pip_that_hangs_is_stopped(container: Container) -> None:
    container.fake_pip("print('Collecting', flush=True); time.sleep(60)")
    said = container.start(SCRIPT.replace("INSTALL_SECONDS=200", "INSTALL_SECONDS=1"))
    assert "took longer than 1 seconds" in said
    assert "Collecting" in said
    assert container.restarted() == 0


def test_a_full_disk_is_told(container: Container) -> None:
    container.fake_pip("print('ERROR: [Errno 28] No space left on device'); sys.exit(1)")
    assert "No space left on device" in container.start(SCRIPT)
    assert container.restarted() == 0


def test_a_pip_that_does_nothing_does_not_pass_for_success(container: Container) -> None:
    container.fake_pip("")
    assert "yet version 0.1.0 is not there" in container.start(SCRIPT)
    assert container.restarted() == 0


def test_where_no_file_can_be_made_it_says_so(container: Container) -> None:
    said = container.start(SCRIPT, {"TMPDIR": str(container.root / "no such folder")})
    assert "No temporary folder" in said
    assert container.versions() == {"numpy": "1.26.4"}


def test_a_log_that_cannot_be_written_stops_nothing(container: Container) -> None:
    container.log.parent.mkdir(parents=True)
    container.log.symlink_to("/dev/full")
    script = SCRIPT.replace("\nROOT=\n", f"\nROOT={quoted(container.root)}\n")
    variables = {"PATH": os.defpath, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}
    variables |= {"PIP_FIND_LINKS": str(container.wheels), "HOME": str(container.home)}
    done = subprocess.run(
        ["sh", "-c", script], env=variables, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert "is installed" in done.stdout
    assert container.restarted() == 1


@pytest.mark.parametrize("gone", ["stdout", "home"])
def test_without_somewhere_to_tell_it_goes_on(container: Container, gone: str) -> None:
    script = SCRIPT.replace("\nROOT=\n", f"\nROOT={quoted(container.root)}\n")
    variables = {"PATH": os.defpath, "PIP_CONFIG_FILE": os.devnull, "PIP_NO_INDEX": "1"}
    variables |= {"PIP_FIND_LINKS": str(container.wheels)}
    variables |= {} if gone == "home" else {"HOME": str(container.home)}
    command = ["sh", "-c", script] if gone == "home" else ["sh", "-c", f"exec >&-\n{script}"]
    done = subprocess.run(command, env=variables, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert container.restarted() == 1
    assert "is installed" in container.log.read_text()


def test_without_the_restart_command_it_says_what_to_do(container: Container) -> None:
    (container.root / "usr/local/bin/restart-jupyter-server").unlink()
    said = container.start(SCRIPT)
    assert "is installed" in said
    assert "Stop and start the space" in said


def test_a_restart_that_fails_is_told(container: Container) -> None:
    container.command("restart-jupyter-server", "echo no supervisor; exit 3")
    said = container.start(SCRIPT)
    assert "ended with status 3" in said
    assert "no supervisor" in said


def test_a_restart_that_hangs_is_left(container: Container) -> None:
    container.command("restart-jupyter-server", "exec sleep 60")
    said = container.start(SCRIPT.replace("RESTART_SECONDS=40", "RESTART_SECONDS=1"))
    assert "ended with status 124" in said


def test_in_recovery_mode_nothing_is_installed(container: Container) -> None:
    assert "recovery mode" in container.start(SCRIPT, {"SAGEMAKER_RECOVERY_MODE": "1"})
    assert container.versions() == {"numpy": "1.26.4"}


def test_in_another_image_nothing_is_installed(container: Container) -> None:
    (container.conda / "bin/python").unlink()
    assert "no image of SageMaker Distribution" in container.start(SCRIPT)


def test_a_wheel_comes_from_s3_by_the_role_of_the_space(container: Container) -> None:
    wheel = container.wheels / WHEEL
    elsewhere = wheel.rename(container.root / WHEEL)
    container.command(
        "aws",
        f'shift 3; echo "$1" > {quoted(container.root / "asked")}; cp {quoted(elsewhere)} "$2"',
    )
    address = f"s3://bucket/a folder/{WHEEL}".replace(" ", "%20")
    assert "is installed" in container.start(lifecycle_config(wheel_wanted(address)))
    assert (container.root / "asked").read_text().strip() == address
    assert container.versions()["jupyter_monai_workshop"] == "0.1.0"
    assert container.restarted() == 1


def test_a_wheel_that_s3_does_not_give_is_told(container: Container) -> None:
    container.command("aws", "echo 'fatal error: 403 Forbidden'; exit 1")
    said = container.start(lifecycle_config(wheel_wanted(f"s3://bucket/{WHEEL}")))
    assert "403 Forbidden" in said
    assert container.restarted() == 0


HOSTILE = f"https://host.example/$(pwned);pwned;&x/{WHEEL}?a=$HOME&b=%27*#sha256=00"


def test_an_address_is_data_and_nothing_of_it_is_run(container: Container) -> None:
    container.fake_pip("sys.exit(1)")
    container.command("pwned", f"touch {quoted(container.root / 'pwned')}")
    container.start(lifecycle_config(wheel_wanted(HOSTILE)))
    told = json.loads(container.pip_record.read_text().splitlines()[-1])["arguments"]
    assert told[-1] == HOSTILE
    assert not (container.root / "pwned").exists()


def test_the_script_is_as_short_as_sagemaker_wants_it() -> None:
    for wanted in (version_wanted("0.1.0"), wheel_wanted(HOSTILE)):
        assert len(base64.b64encode(lifecycle_config(wanted).encode())) < 16_384
    longest = f"https://host.example/{WHEEL}?{'x' * 1_900}"
    assert len(base64.b64encode(lifecycle_config(wheel_wanted(longest)).encode())) < 16_384


def test_a_script_for_a_file_that_no_space_has_is_not_printed() -> None:
    with pytest.raises(WheelUnfit):
        lifecycle_config(wheel_wanted(WHEEL))

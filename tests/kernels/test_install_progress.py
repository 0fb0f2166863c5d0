"""What uv prints while it installs becomes a bar that never goes back."""

from __future__ import annotations

from jupyter_monai_workshop.jobs.steady import Steady
from jupyter_monai_workshop.kernels.install_lines import InstallLines

from .workbench import Recorder

# As uv 0.13 printed them.
LINES = """\
Resolved 5 packages in 252ms
Downloading numpy (16.1MiB)
Downloading monai (2.6MiB)
 Downloaded monai
Downloading torch (507.5MiB)
 Downloaded numpy
 Downloaded torch
Prepared 5 packages in 11.17s
Installed 5 packages in 275ms
 + monai==1.5.2
""".splitlines()


def test_the_bar_follows_the_bytes() -> None:
    recorder = Recorder()
    steady = Steady(recorder)
    hear = InstallLines(steady, 0.2, 0.9, ["torch", "numpy", "monai", "fire", "termcolor"])
    for line in LINES:
        hear(line)
    steady.report("verifying")
    shown = [(phase, round(fraction or 0, 2), text) for phase, fraction, text in recorder.reports]
    assert shown == [
        ("downloading", 0.2, "numpy (16.1 MiB)"),
        ("downloading", 0.2, "monai (2.6 MiB)"),
        ("downloading", 0.21, "monai"),
        ("downloading", 0.21, "torch (507.5 MiB)"),
        ("downloading", 0.22, "numpy"),
        ("downloading", 0.9, "torch"),
        ("installing", 0.9, "Prepared 5 packages in 11.17s"),
        ("installing", 0.9, "Installed 5 packages in 275ms"),
        ("installing", 0.9, "monai==1.5.2"),
        ("verifying", 0.9, ""),
    ]


def test_a_bar_never_goes_back() -> None:
    recorder = Recorder()
    steady = Steady(recorder)
    for fraction in (0.3, 0.1, None, 0.5, 7.0):
        steady.report("installing", fraction)
    assert recorder.fractions == [0.3, 0.3, 0.3, 0.5, 1.0]

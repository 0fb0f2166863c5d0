"""Failures of a rehearsal, each in its own words."""

from __future__ import annotations

from ..jobs.job import Failure


def cell_timeout(seconds: float) -> Failure:
    """Return the failure of a cell that ran longer than one may."""
    return Failure(
        code="cell_timeout",
        message=f"The cell had not ended after {seconds:g} seconds.",
        hint="It hangs, or needs longer on this machine: look at what it waits for, or allow "
        "more with --cell-timeout.",
    )


def total_timeout(seconds: float) -> Failure:
    """Return the failure of a rehearsal that took longer than it may."""
    return Failure(
        code="total_timeout",
        message=f"The time for the whole rehearsal, {seconds:g} seconds, was over.",
        hint="Allow more with --timeout, or rehearse fewer modules at once.",
    )


def kernel_died(log: str) -> Failure:
    """Return the failure of a kernel that ended by itself."""
    return Failure(
        code="kernel_died",
        message="The kernel died while the cell ran.",
        hint="Mostly the memory was not enough, or a library crashed. Look at what the kernel "
        "wrote last, and at the machine's memory.",
        details=log,
    )


def kernel_silent(details: str) -> Failure:
    """Return the failure of a kernel that did not start."""
    return Failure(
        code="kernel_silent",
        message="The kernel did not start.",
        hint="Look at what it wrote; “prepare” builds the workshop's environment again.",
        details=details,
    )


def output_too_large(megabytes: float) -> Failure:
    """Return the failure of a cell that prints more than a page can show."""
    return Failure(
        code="output_too_large",
        message=f"The cell printed more than {megabytes:g} MB, so its output was cut off.",
        hint="A browser can hardly show that much. Let the cell print less, or allow more with "
        "--output-limit.",
    )


def output_lost() -> Failure:
    """Return the failure of a cell whose end of output never came."""
    return Failure(
        code="output_lost",
        message="The cell ended, but the end of its output never arrived: output was lost.",
        hint="The cell prints faster than the messages are taken, or leaves a thread that "
        "prints. Let it print less.",
    )


def exercise_open() -> Failure:
    """Return the failure of an exercise that nothing completes."""
    return Failure(
        code="exercise_open",
        message="The cell is an exercise (“???”) and the definition has no solution for it.",
        hint="Write one under “solve” of the step.",
    )


def stopped() -> Failure:
    """Return what to say of something that was stopped."""
    return Failure(
        code="cancelled", message="Stopped before the end.", hint="Run the rehearsal again."
    )


def worker_lost(tries: int) -> Failure:
    """Return the failure of a task whose workers all vanished."""
    return Failure(
        code="worker_lost",
        message=f"The process that ran it was lost {tries} times.",
        hint="Mostly the machine's memory was not enough, or the machine was taken away.",
    )

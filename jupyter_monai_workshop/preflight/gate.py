"""A gate before a library that may never answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

T = TypeVar("T")


class Gate:
    """Lets one thread at a time through, and leaves behind whoever does not come back.

    A driver in trouble can hang a call for ever. The call then stays in a thread of its
    own, the gate stays shut, and everybody is told so in time.
    """

    def __init__(self) -> None:
        self._shut = threading.Lock()

    def ask(self, question: Callable[[], T], *, timeout: float) -> T:
        """Return what `question` returns, or raise what it raises.

        Parameters
        ----------
        timeout
            Seconds to wait for the gate, and again for the answer.

        Raises
        ------
        TimeoutError
            If the answer, or that to an earlier question, does not come.
        """
        if not self._shut.acquire(timeout=timeout):
            raise TimeoutError("an earlier question has not been answered")
        answer: Future[T] = Future()

        def work() -> None:
            try:
                value = question()
            except BaseException as error:
                self._shut.release()
                answer.set_exception(error)
            else:
                self._shut.release()
                answer.set_result(value)

        try:
            threading.Thread(target=work, name="preflight-gate", daemon=True).start()
        except BaseException:
            self._shut.release()
            raise
        if not wait([answer], timeout).done:
            raise TimeoutError(f"no answer within {timeout:g} seconds")
        return answer.result()

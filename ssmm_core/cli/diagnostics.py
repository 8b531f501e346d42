"""Everything ssmm says on stderr: notes, warnings, errors, progress. stdout is data, and nothing else."""

from __future__ import annotations

import sys

from ssmm_core.visible import visible

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from ssmm_core.errors import SsmmError


class Diagnostics:
    """The voice of one run."""

    def __init__(self) -> None:
        self.quiet = False
        self.debugging = False

    def note(self, text: str) -> None:
        """What was done; not said under --quiet."""
        if not self.quiet:
            _write(f"ssmm: {text}")

    def stopping(self) -> None:
        """The answer to Ctrl-C, said in any case."""
        _write("ssmm: stopping after the requests under way")

    def interrupted(self) -> None:
        if sys.stderr is not None and sys.stderr.isatty():
            sys.stderr.write("\n")  # ^C stands on the line
        self.error("interrupted")

    def warning(self, text: str) -> None:
        _write(f"Warning: {text}")

    def error(self, text: str) -> None:
        _write(f"Error: {text}")

    def report(self, error: SsmmError) -> None:
        """An error as one line: what, where, how to mend it."""
        self.error(str(error))
        told: list[BaseException] = [error]
        while self.debugging and (cause := told[-1].__cause__) is not None and cause not in told:
            self.debug(f"because of {type(cause).__name__}: {getattr(cause, 'message', '')}")
            told.append(cause)

    def internal_error(self, error: BaseException) -> None:
        """A defect of ours. Its message and its variables may hold a value, so only its kind and its place are told."""
        frames = list(_frames(error.__traceback__))
        place = frames[-1] if frames else "?"
        self.error(
            f"internal error: {type(error).__name__} at {place}. This is a defect of ssmm; please report it with the output of --debug."
        )
        for frame in frames:
            self.debug(f"  at {frame}")

    def debug(self, text: str) -> None:
        """For whoever looks for a fault; said under --debug."""
        if self.debugging:
            _write(f"debug: {text}")


def _frames(traceback: TracebackType | None) -> Iterator[str]:
    while traceback is not None:
        code = traceback.tb_frame.f_code
        yield f"{code.co_filename.rpartition('site-packages/')[2]}:{traceback.tb_lineno} in {code.co_name}"
        traceback = traceback.tb_next


def _write(line: str) -> None:
    """One line, with control characters made visible: names and texts come from outside."""
    if sys.stderr is None:  # it was closed when we were started
        return
    try:
        if sys.stdout is not None:
            sys.stdout.flush()  # what was printed before stands before this, also where both are one pipe
    except OSError:  # is found at the end
        pass
    try:
        sys.stderr.write(visible(line) + "\n")
        sys.stderr.flush()
    except OSError:  # nobody reads it any more
        pass

"""The error that a user's input causes."""

from collections.abc import Sequence

# With what a command line puts before it a message is at most 600 characters.
LIMIT = 590


class InputError(ValueError):
    """Bad input, told in one line: what, where, and what was expected.

    Command lines print it without a traceback and exit with status 2 (see
    :func:`mmfourdpsg.utils.exit_on_input_error`).

    Args:
        message: The line for the user. It names the file or record. What is longer
            than 590 characters is shortened in its middle.
        details: Lines that a command line prints before it, where one does not do.
    """

    def __init__(self, message: str, details: Sequence[str] = ()) -> None:
        # A loader's worker process re-raises an error by calling its type with the
        # whole formatted traceback as message; our own line comes last in it.
        mark = f'{type(self).__name__}: '
        message = str(message)
        if mark in message:
            message = message.rsplit(mark, 1)[1]
        message = ' '.join(message.split())
        if len(message) > LIMIT:
            # What is wrong stands at the end, where at the beginning.
            half = LIMIT // 2 - 3
            message = f'{message[:half]} ... {message[-half:]}'
        super().__init__(message)
        self.details = tuple(details)

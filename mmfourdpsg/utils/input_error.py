"""The error that a user's input causes."""


class InputError(ValueError):
    """Bad input, told in one line: what, where, and what was expected.

    Command lines print it without a traceback and exit with status 2 (see
    :func:`mmfourdpsg.utils.exit_on_input_error`).

    Args:
        message: The line for the user. It names the file or record.
    """

    def __init__(self, message: str) -> None:
        # A loader's worker process re-raises an error by calling its type with the
        # whole formatted traceback as message; our own line comes last in it.
        mark = f'{type(self).__name__}: '
        message = str(message)
        if mark in message:
            message = message.rsplit(mark, 1)[1]
        super().__init__(' '.join(message.split()))

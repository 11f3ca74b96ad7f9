"""Exit status and error line of all command lines."""

import functools
import io
import sys
from collections.abc import Callable

from .input_error import InputError


def exit_on_input_error(main: Callable[..., None]) -> Callable[..., None]:
    """Turn an :class:`InputError` of ``main`` into one line and exit status 2.

    Args:
        main: A command line's entry point.

    Returns:
        The wrapped entry point; any other exception passes through.
    """

    @functools.wraps(main)
    def wrapped(*args, **kwargs) -> None:
        # Names of files may have letters that the terminal's encoding lacks.
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(errors='backslashreplace')
        try:
            main(*args, **kwargs)
        except InputError as error:
            print(*error.details, f'error: {error}', sep='\n', file=sys.stderr)
            sys.exit(2)

    return wrapped

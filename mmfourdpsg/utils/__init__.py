"""Utilities of every sub-package: errors, atomic files, checkpoints, command lines."""

from .atomic_write import atomic_write
from .command_line import exit_on_input_error
from .input_error import InputError
from .output_paths import check_output_file, check_output_folder

__all__ = [
    'InputError',
    'atomic_write',
    'check_output_file',
    'check_output_folder',
    'exit_on_input_error',
]

"""Command lines run within the test's process: an import of torch takes seconds."""

import runpy
import sys
from types import SimpleNamespace


def in_process_runner(repository, monkeypatch, capsys):
    """Return a stand-in for the fixture ``run_tool`` that starts no process."""

    def run(tool, *args):
        monkeypatch.setattr(sys, 'argv', [tool, *map(str, args)])
        capsys.readouterr()
        code = 0
        try:
            runpy.run_path(str(repository / tool), run_name='__main__')
        except SystemExit as error:
            code = error.code or 0
        out, err = capsys.readouterr()
        return SimpleNamespace(returncode=code, stdout=out, stderr=err)

    return run

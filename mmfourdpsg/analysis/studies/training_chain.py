"""Chains of trainings, each of which begins with another's checkpoint."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

from mmfourdpsg.utils import InputError, atomic_write
from mmfourdpsg.utils.run_folder import last_checkpoint

from .recipe_digest import chain_digest, recipe_digest

FINISHED = 'finished.txt'
RECIPE = 'recipe.txt'


class TrainingChain:
    """Runs trainings in the order in which they need each other, each once.

    Args:
        runs: Name -> ``config`` and perhaps ``options`` (as --cfg-options takes them)
            and ``loads``, option -> name of the run whose last checkpoint it is.
        folder: Each run has a folder of its name below it.
        train: Trains: config, folder of the run, options. A training that was stopped
            has to go on from where it was.
        digest: Tells a run with the digests of those that it loads (by option) from
            another, see :func:`recipe_digest`. A folder keeps the one that it was
            trained with.

    Raises:
        InputError: A run loads one that there is not, or, by others, itself.
    """

    def __init__(
        self,
        runs: Mapping[str, Mapping],
        folder: str | Path,
        train: Callable[[str, Path, list[str]], None],
        digest: Callable[[Mapping, Mapping[str, str]], str] = recipe_digest,
    ) -> None:
        self.runs = runs
        self.folder = Path(folder)
        self.train = train
        self._digest = digest
        self._digests: dict[str, str] = {}
        for name in runs:
            list(self.order(name))

    def order(self, name: str, parents: Sequence[str] = ()) -> Iterator[str]:
        """Yield the runs that a run needs, each once, and the run itself at the end.

        Raises:
            InputError: A run is unknown or needs itself.
        """
        if name not in self.runs:
            raise InputError(
                f'run {name!r} is unknown, expected one of {", ".join(self.runs)}'
            )
        if name in parents:
            raise InputError(f'run {name!r} loads itself: {" <- ".join(parents)}')
        seen = set()
        for other in self.runs[name].get('loads', {}).values():
            for needed in self.order(other, (*parents, name)):
                if needed not in seen:
                    seen.add(needed)
                    yield needed
        yield name

    def checkpoint(self, name: str) -> Path:
        """Return the last checkpoint of a run, trained with all it needs if need be.

        Raises:
            InputError: A finished run has lost its checkpoint, or a folder holds a run
                of another recipe.
        """
        for needed in self.order(name):
            self._finish(needed)
        return self._finish(name)

    def loaded(self, name: str) -> list[str]:
        """Return the options that name what a run loads, which has to be there."""
        loads = self.runs[name].get('loads', {})
        return [f'{option}={self._finish(other)}' for option, other in loads.items()]

    def digest(self, name: str) -> str:
        """Return what tells a run from one of another recipe."""
        if name not in self._digests:
            self._digests[name] = chain_digest(self.runs, name, self._digest)
        return self._digests[name]

    def _check_recipe(self, name: str) -> None:
        """Refuse a folder of another recipe; note the recipe in a new one."""
        path, digest = self.folder / name / RECIPE, self.digest(name)
        if not path.parent.exists():
            with atomic_write(path) as temporary:
                temporary.write_text(f'{digest}\n', encoding='utf-8')
        found = path.read_text(encoding='utf-8').strip() if path.exists() else 'unknown'
        if found != digest:
            raise InputError(
                f'{path.parent}: trained with recipe {found}, expected {digest} '
                '(remove the folder to train it again)'
            )

    def _finish(self, name: str) -> Path:
        folder = self.folder / name
        finished = folder / FINISHED
        self._check_recipe(name)
        if not finished.exists():
            run = self.runs[name]
            options = [*self.loaded(name), *run.get('options', ())]
            self.train(run['config'], folder, options)
            last = last_checkpoint(folder)
            if last is None:
                raise InputError(f'{folder}: the training left no checkpoint')
            with atomic_write(finished) as temporary:
                temporary.write_text(f'{last}\n', encoding='utf-8')
        path = Path(finished.read_text(encoding='utf-8').strip())
        if not path.exists():
            # The folder was moved.
            path = folder / path.name
        if path.is_dir():
            raise InputError(
                f'{path}: is a checkpoint of DeepSpeed, expected a file: convert it '
                f'with tools/model_converters/deepspeed_to_plain.py and name that in '
                f'{finished}'
            )
        if not path.is_file():
            raise InputError(
                f'{finished}: names {path}, which is not there; expected the last '
                f'checkpoint of {name} (remove the folder to train it again)'
            )
        return path

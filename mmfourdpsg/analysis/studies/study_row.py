"""One row of a study with one seed: its training, test, scores and record."""

import functools
import json
from collections.abc import Mapping
from datetime import datetime, timezone
from pathlib import Path

from mmfourdpsg.structures import load_scene_graphs
from mmfourdpsg.utils import InputError, atomic_write
from mmfourdpsg.utils.config_paths import name_in_checkout

from .logged_cost import logged_cost
from .logged_curves import learning_curves
from .recipe_digest import recipe_digest, row_digest, scoring_digest
from .scored_files import ScoredFiles
from .tool_runner import TEST_LOGS, ToolRunner
from .training_chain import FINISHED, TrainingChain


class StudyRow:
    """Trains, tests and scores one row of a study with one seed.

    Args:
        study: Has what :class:`ScoredFiles` reads, and perhaps ``runs`` and
            ``test_options``, options of all tests (as --cfg-options takes them).
        row: Has ``name`` and one of ``config``, ``run`` (the last of the study's runs
            that it needs) and ``predictions`` (a file that is only scored); perhaps
            ``options`` and ``checkpoint`` (tested as it is, nothing is trained), or
            with a ``run`` ``test_config``, with which its checkpoint is tested.
        seed: Seed of the trainings.
        folder: Where the row's test is kept, and its training if it shares none. Runs
            of the study are kept beside it, in a folder a seed.
        tools: What starts trainings and tests.
        gpus: How many processes each takes.
        files: What the study's rows are scored against; None reads that off the study.
    """

    def __init__(
        self,
        study: Mapping,
        row: Mapping,
        seed: int,
        folder: Path,
        tools: ToolRunner,
        gpus: int = 1,
        files: ScoredFiles | None = None,
    ) -> None:
        self.study = study
        self.row = row
        self.seed = seed
        self.folder = folder
        self.tools = tools
        self.gpus = gpus
        self.files = files or ScoredFiles(study)

    @functools.cached_property
    def chain(self) -> TrainingChain:
        """The trainings that the row may need."""
        seeded = [f'randomness.seed={self.seed}']
        if 'run' in self.row:
            runs = {
                key: dict(value, options=[*seeded, *value.get('options', ())])
                for key, value in self.study['runs'].items()
            }
            parent = self.folder.parent / f'seed{self.seed}'
        else:
            options = [*seeded, *self.row.get('options', ())]
            runs = {self.last: dict(config=self.row.get('config'), options=options)}
            parent = self.folder.parent
        return TrainingChain(
            runs,
            parent,
            functools.partial(self.tools.train, self.gpus),
            lambda run, loads: self._on_gpus(recipe_digest(run, loads)),
        )

    @property
    def last(self) -> str:
        """Name of the training whose checkpoint is tested."""
        return self.row.get('run', self.folder.name)

    def trainings(self) -> list[str]:
        """Return the names of the trainings that the row needs, in their order."""
        if 'predictions' in self.row or self.row.get('checkpoint') is not None:
            return []
        return list(self.chain.order(self.last))

    def made_with(self) -> dict:
        """Return what a record says of how its row was made."""
        recipe = dict(
            recipe=row_digest(self.study, self.row), scoring=scoring_digest(self.study)
        )
        return recipe if 'predictions' in self.row else dict(recipe, gpus=self.gpus)

    def is_done(self, record: Path) -> bool:
        """Return whether a record is there.

        What it was scored against is compared as far as both are known: files may be
        gone, and older records do not say.

        Raises:
            InputError: It was made with something else, or is no record.
        """
        if not record.exists():
            return False
        try:
            noted = dict(dict(gpus=1), **json.loads(record.read_bytes()))
        except (ValueError, TypeError) as error:
            raise InputError(
                f'{record}: cannot be read, expected a record of a run ({error})'
            ) from None
        files = {
            key: value
            for key, value in self.files.digests().items()
            if value and noted.get(key)
        }
        for key, expected in {**self.made_with(), **files}.items():
            found = noted.get(key)
            if found != expected:
                raise InputError(
                    f'{record}: made with {key.replace("_", " ")} {found}, expected '
                    f'{expected} (remove it to run the row again, and '
                    f'{self.folder.parent} if it was trained on other data)'
                )
        return True

    def check_inputs(self) -> None:
        """Read what the row will be scored with, before it is trained for hours.

        Raises:
            InputError: Something is missing or cannot be read.
        """
        self.files.check()
        if 'predictions' in self.row:
            load_scene_graphs(self.row['predictions'])

    def record(self) -> dict:
        """Return the record of the row, made as far as that is not done.

        Steps and seconds are those of all trainings, curves those of the last. Of
        several jobs at a time the seconds are longer than of one.

        Raises:
            InputError: A training or the test failed, or something cannot be read.
        """
        predictions = self._predict()
        config = self.row.get('config')
        folders = []
        if 'predictions' not in self.row:
            config = self.chain.runs[self.last]['config']
            folders = [self.chain.folder / run for run in self.chain.order(self.last)]
        logged = [curves for curves in map(learning_curves, folders) if curves]
        whole = {
            key: sum(curves[key] for curves in logged)
            for key in ('steps', 'train_seconds')
        }
        return dict(
            row=self.row['name'],
            config=config and name_in_checkout(config),
            seed=self.seed,
            date=datetime.now(timezone.utc).date().isoformat(),
            **self.made_with(),
            jobs=self.tools.jobs,
            **self.files.digests(),
            **(dict(logged[-1], **whole) if logged else {}),
            **logged_cost(self.folder / TEST_LOGS),
            **self.files.score(predictions),
        )

    def _predict(self) -> Path:
        """Train and test, as far as that is not done; return the predictions."""
        if 'predictions' in self.row:
            return Path(self.row['predictions'])
        checkpoint, trained = self.row.get('checkpoint'), 0.0
        if checkpoint is None:
            checkpoint = self.chain.checkpoint(self.last)
            trained = (self.chain.folder / self.last / FINISHED).stat().st_mtime
        predictions, tested = (
            self.folder / name for name in ('predictions.json', 'tested.txt')
        )
        # Of other scenes there is another ground truth.
        recipe = self._on_gpus(row_digest(self.study, self.row))
        digests = self.files.digests()
        videos = [digests[key] for key in ('ground_truth', 'unseen') if key in digests]
        tests = list(self.study.get('test_options', ()))
        recipe = ' '.join(map(str, [recipe, *videos, *tests]))
        if (
            not predictions.exists()
            or not tested.exists()
            or tested.read_text(encoding='utf-8').strip() != recipe
            or tested.stat().st_mtime < trained
        ):
            run = self.chain.runs[self.last]
            config = self.row.get('test_config', run['config'])
            options = [*run['options'], *self._loaded(), *tests]
            self.tools.test(self.gpus, config, checkpoint, predictions, options)
            with atomic_write(tested) as temporary:
                temporary.write_text(f'{recipe}\n', encoding='utf-8')
        return predictions

    def _loaded(self) -> list[str]:
        """Return options that name what the model reads beside its checkpoint."""
        if not self.trainings():
            return []
        given = self.chain.loaded(self.last)
        return [option for option in given if not option.startswith('load_from=')]

    def _on_gpus(self, digest: str) -> str:
        """Return a digest that tells numbers of GPUs, and so batches, apart."""
        return digest if self.gpus == 1 else f'{digest} on {self.gpus}'

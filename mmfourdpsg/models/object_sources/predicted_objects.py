"""Objects that another model finds."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.config import Config
from mmengine.model import BaseModel

from mmfourdpsg.registry import MODELS, TASK_UTILS, has_compiled_operators
from mmfourdpsg.structures import (
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
    load_scene_graphs,
    save_scene_graphs,
)
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file

from ..fingerprint import tensor_digest
from .file_objects import graph_file


@TASK_UTILS.register_module()
class PredictedObjects:
    """Takes the objects that a model predicts, and keeps those of data sets on disk.

    The model is built when it is first needed and is no part of the one that asks: it
    is neither trained nor in its checkpoints. What the pipeline makes has to suit both.

    Args:
        config: Config file of the model, a :class:`BaseSceneGraphModel`, or its
            contents.
        checkpoint: Its weights.
        folder: Folder for the graphs, in one for each model and checkpoint; None
            keeps nothing. A file is of a video's name and what its sampled frames
            show. Recordings, which have no annotation, are not kept.

    Raises:
        InputError: The config cannot be read or names a model that needs mmcv's
            compiled operators, which are missing; or the checkpoint is missing or of
            another model.
    """

    def __init__(
        self, config: str | dict, checkpoint: str, folder: str | None = None
    ) -> None:
        if not isinstance(config, dict):
            config = _read(config)
        self.config = config['model']
        _check_operators(self.config['type'])
        self.checkpoint = checkpoint
        self.folder = folder
        self._model: BaseModel | None = None
        self._graphs: Path | None = None

    @torch.no_grad()
    def __call__(
        self, inputs: dict[str, Any], data_samples: Sequence[SceneGraphDataSample]
    ) -> list[list[SceneObject]]:
        """Return the objects of each video that have a tube."""
        files = [
            self._file(rgb, sample)
            for rgb, sample in zip(inputs['rgb'], data_samples, strict=True)
        ]
        if all(file is not None and file.is_file() for file in files):
            graphs = [load_scene_graphs(file)[0] for file in files]
        else:
            graphs = self._predict(inputs, data_samples)
            for graph, file in zip(graphs, files, strict=True):
                if file is not None:
                    save_scene_graphs([graph], file)
        return [[item for item in graph.objects if item.tube] for graph in graphs]

    def count_parameters(self) -> int:
        """Return the number of weights of the model that finds the objects."""
        if self._model is None:
            self._model = self._build()
        return sum(weight.numel() for weight in self._model.parameters())

    def _predict(
        self, inputs: dict[str, Any], data_samples: Sequence[SceneGraphDataSample]
    ) -> list[SceneGraph]:
        if self._model is None:
            self._model = self._build()
        model = self._model.to(inputs['rgb'].device)
        samples = model.predict(inputs, [sample.new() for sample in data_samples])
        return [sample.pred_scene_graph for sample in samples]

    def _build(self) -> BaseModel:
        state = load_checkpoint_file(self.checkpoint)['state_dict']
        model = MODELS.build(self.config)
        lacking = sorted(set(model.state_dict()) - set(state))
        try:
            unknown = model.load_state_dict(state, strict=False).unexpected_keys
        except RuntimeError as error:
            raise InputError(
                f'{self.checkpoint}: does not fit the model of model.object_source '
                f'({error!s:.300})'
            ) from None
        if lacking or unknown:
            raise InputError(
                f'{self.checkpoint}: does not fit the model of model.object_source: '
                f'{len(lacking)} weights are missing and {len(unknown)} unknown '
                f'({", ".join([*lacking, *unknown][:2])})'
            )
        return model.eval()

    def _file(self, rgb: torch.Tensor, sample: SceneGraphDataSample) -> Path | None:
        """Return where a video's graph is kept; None where it is not."""
        if self.folder is None or 'gt_scene_graph' not in sample:
            return None
        if self._graphs is None:
            digest = hashlib.blake2b(repr(self.config).encode(), digest_size=16)
            try:
                digest.update(Path(self.checkpoint).read_bytes())
            except OSError:
                raise InputError(
                    f'{self.checkpoint}: no such checkpoint file'
                ) from None
            self._graphs = Path(self.folder) / digest.hexdigest()
        height, width = sample.img_shape
        shown = rgb[: len(sample.frame_indices), :, :height, :width]
        name = f'{sample.video_id}-{tensor_digest(shown.cpu())[:8]}'
        return graph_file(self._graphs, name)


def _read(path: str) -> Config:
    try:
        return Config.fromfile(path)
    except (OSError, SyntaxError, ValueError) as error:
        raise InputError(
            f'{path}: cannot be read as a config ({error!s:.200}), expected that of '
            'the model of model.object_source'
        ) from None


def _check_operators(kind: str) -> None:
    if has_compiled_operators():
        return
    if getattr(MODELS.get(kind), 'needs_compiled_operators', True):
        raise InputError(
            f"{kind}, which finds the objects, needs mmcv's compiled operators: bash "
            'tools/install.sh compiled'
        )

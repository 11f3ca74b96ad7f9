"""Objects that another model finds."""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch
from mmengine.model import BaseModel

from mmfourdpsg.registry import MODELS, TASK_UTILS
from mmfourdpsg.structures import (
    SceneGraph,
    SceneGraphDataSample,
    SceneObject,
    load_scene_graphs,
    save_scene_graphs,
)
from mmfourdpsg.utils import InputError
from mmfourdpsg.utils.checkpoint_file import load_checkpoint_file

from .file_objects import graph_file


@TASK_UTILS.register_module()
class PredictedObjects:
    """Takes the objects that a model predicts, and keeps those of data sets on disk.

    The model is built when it is first needed and is no part of the one that asks: it
    is neither trained nor in its checkpoints.

    Args:
        model: Config of a :class:`BaseSceneGraphModel`.
        checkpoint: Its weights.
        cache_dir: Folder for the graphs, a file a video, in a folder of its own for
            each model and checkpoint; None keeps nothing. Recordings without an
            annotation are not kept, since their names do not tell them apart.

    Raises:
        InputError: The checkpoint is missing or of another model.
    """

    def __init__(
        self, model: dict, checkpoint: str, cache_dir: str | None = None
    ) -> None:
        self.config = model
        self.checkpoint = checkpoint
        self.cache_dir = cache_dir
        self._model: BaseModel | None = None
        self._folder: Path | None = None

    @torch.no_grad()
    def __call__(
        self, inputs: dict[str, Any], data_samples: Sequence[SceneGraphDataSample]
    ) -> list[list[SceneObject]]:
        """Return the objects of each video that have a tube."""
        files = [self._file(sample) for sample in data_samples]
        if all(file is not None and file.is_file() for file in files):
            graphs = [load_scene_graphs(file)[0] for file in files]
        else:
            graphs = self._predict(inputs, data_samples)
            for graph, file in zip(graphs, files, strict=True):
                if file is not None:
                    file.parent.mkdir(parents=True, exist_ok=True)
                    save_scene_graphs([graph], file)
        return [[item for item in graph.objects if item.tube] for graph in graphs]

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
        model.init_weights()
        lacking = set(model.state_dict()) - set(state)
        try:
            unknown = model.load_state_dict(state, strict=False).unexpected_keys
        except RuntimeError as error:
            raise InputError(
                f'{self.checkpoint}: does not fit the model of model.object_source '
                f'({" ".join(str(error).split())!s:.300})'
            ) from None
        if lacking or unknown:
            raise InputError(
                f'{self.checkpoint}: does not fit the model of model.object_source: '
                f'{len(lacking)} weights are missing and {len(unknown)} unknown '
                f'({", ".join([*sorted(lacking), *unknown][:2])})'
            )
        return model.eval()

    def _file(self, sample: SceneGraphDataSample) -> Path | None:
        if self.cache_dir is None or 'gt_scene_graph' not in sample:
            return None
        if self._folder is None:
            digest = hashlib.sha256(repr(self.config).encode())
            try:
                with open(self.checkpoint, 'rb') as file:
                    while block := file.read(1 << 20):
                        digest.update(block)
            except OSError:
                raise InputError(
                    f'{self.checkpoint}: no such checkpoint file'
                ) from None
            self._folder = Path(self.cache_dir) / digest.hexdigest()[:16]
        return graph_file(self._folder, sample.video_id)

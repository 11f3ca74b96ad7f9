"""Vocabulary of models that choose among labels: their names, kept with the weights."""

from collections.abc import Mapping, Sequence

import torch
from mmengine.model import BaseModule
from torch import Tensor

from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import InputError


@MODELS.register_module()
class LabelVocabulary(BaseModule):
    """Names of categories and predicates, in the order of a classifier's outputs.

    They come from the data set that is trained on (``LabelVocabularyHook``) and are
    buffers, so a checkpoint tells what its own outputs mean, whatever data it is used
    on.

    Args:
        num_categories: Most categories, things and stuff.
        num_predicates: Most predicates.
        max_bytes: Most bytes of a name.
        init_cfg: Initialisation config of MMEngine.
    """

    def __init__(
        self,
        num_categories: int,
        num_predicates: int,
        max_bytes: int = 64,
        init_cfg: dict | None = None,
    ) -> None:
        super().__init__(init_cfg)
        self.num_categories = num_categories
        self.num_predicates = num_predicates
        self.max_bytes = max_bytes
        kinds = (('categories', num_categories), ('predicates', num_predicates))
        for kind, count in kinds:
            # Names as UTF-8 and zeros; a row of zeros is no label.
            names = torch.zeros(count, max_bytes, dtype=torch.uint8)
            self.register_buffer(f'_{kind}', names)
        self.register_buffer(
            '_is_thing', torch.zeros(num_categories, dtype=torch.uint8)
        )

    @property
    def categories(self) -> list[str]:
        """Names of the categories, things and stuff."""
        return _names(self._categories)

    @property
    def predicates(self) -> list[str]:
        """Names of the predicates."""
        return _names(self._predicates)

    @property
    def things(self) -> list[bool]:
        """Whether each category is a thing."""
        return self._is_thing.bool().tolist()[: len(self.categories)]

    def learn(self, metainfo: Mapping[str, Sequence[str]], where: str) -> None:
        """Take over the labels of a data set, or check that they are the same.

        Args:
            metainfo: ``thing_classes``, ``stuff_classes`` and ``predicates``.
            where: What the data set is called in messages.

        Raises:
            InputError: There are too many of them, a name is too long, or the
                vocabulary has others already.
        """
        things = list(metainfo.get('thing_classes') or ())
        categories = [*things, *(metainfo.get('stuff_classes') or ())]
        predicates = list(metainfo.get('predicates') or ())
        for kind, names, own in (
            ('categories', categories, self.categories),
            ('predicates', predicates, self.predicates),
        ):
            if own and own != names:
                other = sorted(set(own) ^ set(names)) or 'the same in another order'
                raise InputError(
                    f'{where}: has other {kind} than the weights that it begins with, '
                    f'expected their {len(own)}, which differ in {other!s:.200}'
                )
            buffer = getattr(self, f'_{kind}')
            if len(names) > len(buffer):
                raise InputError(
                    f'{where}: has {len(names)} {kind}, expected at most '
                    f'{len(buffer)} (model.vocabulary.num_{kind})'
                )
            for row, name in zip(buffer, names, strict=False):
                code = name.encode()
                if len(code) > self.max_bytes:
                    raise InputError(
                        f'{where}: has the label {name!r:.80}, expected at most '
                        f'{self.max_bytes} bytes (model.vocabulary.max_bytes)'
                    )
                row[: len(code)] = torch.tensor(list(code), dtype=torch.uint8)
        self._is_thing[: len(things)] = 1

    def indices(self, kind: str, names: Sequence[str], where: str) -> Tensor:
        """Return the indices ``[n]`` of ``n`` names.

        Args:
            kind: ``categories`` or ``predicates``.
            names: The names.
            where: What has them, in messages.

        Raises:
            InputError: One of them is unknown.
        """
        places = {name: index for index, name in enumerate(getattr(self, kind))}
        unknown = sorted(set(names) - set(places))
        if unknown:
            raise InputError(
                f'{where}: has the unknown {kind} {unknown[:4]!s:.120}, expected those '
                f'that the model was trained on ({len(places)} are known)'
            )
        device = self._is_thing.device
        return torch.tensor([places[name] for name in names], dtype=torch.long).to(
            device
        )


def _names(buffer: Tensor) -> list[str]:
    rows = [bytes(row).rstrip(b'\0').decode() for row in buffer.cpu().tolist()]
    return [name for name in rows if name]

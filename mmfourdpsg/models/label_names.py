"""Names of a classifier's outputs, which its checkpoints hold."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from mmfourdpsg.utils import InputError

MAX_BYTES = 96


class LabelNames(nn.Module):
    """What the outputs of a classifier stand for, in their order.

    They are taken from the data set that is trained on, and are a buffer, so that a
    checkpoint tells what its outputs mean and another order is refused.

    Args:
        what: What they are, for messages.
        setting: The setting that says how many there are, for messages.
        count: How many outputs there are. Those beyond the names stay without one.
    """

    def __init__(self, what: str, setting: str, count: int) -> None:
        super().__init__()
        self.what = what
        self.setting = setting
        self.register_buffer(
            'encoded', torch.zeros(count, MAX_BYTES, dtype=torch.uint8)
        )
        self.register_buffer('is_thing', torch.ones(count, dtype=torch.bool))

    @property
    def names(self) -> list[str]:
        """The names; a number stands for what has none."""
        names = decoded(self.encoded)
        return [name or f'{self.what} {index}' for index, name in enumerate(names)]

    @property
    def are_known(self) -> bool:
        """Whether there is any name."""
        return bool(self.encoded.any())

    def take(
        self, names: Sequence[str], is_thing: Sequence[bool] | None = None
    ) -> None:
        """Take over names, or make sure that they are the same.

        Args:
            names: The names of a data set.
            is_thing: For each whether it is a thing; all are by default.

        Raises:
            InputError: There are more than outputs, or there are other ones already.
        """
        if len(names) > len(self.encoded):
            raise InputError(
                f'the training data has {len(names)} names of {self.what}, expected at '
                f'most the {len(self.encoded)} of {self.setting} in the config'
            )
        encoded = torch.zeros_like(self.encoded)
        for row, name in zip(encoded, names, strict=False):
            content = name.encode()
            if not 0 < len(content) <= MAX_BYTES:
                raise InputError(
                    f'the training data has the {self.what} {name!r:.120}, expected a '
                    f'name of 1 to {MAX_BYTES} bytes'
                )
            row[: len(content)] = torch.tensor(list(content), dtype=torch.uint8)
        if self.are_known and not torch.equal(encoded, self.encoded):
            known = self.names
            index = int((encoded != self.encoded).any(dim=1).nonzero()[0])
            found = names[index] if index < len(names) else 'none'
            raise InputError(
                f'the training data has {found!r} as {self.what} {index}, expected '
                f'{known[index]!r} as the checkpoint that the training begins with'
            )
        self.encoded.copy_(encoded)
        if is_thing is not None:
            self.is_thing[: len(is_thing)] = torch.tensor(
                list(is_thing), dtype=torch.bool
            )

    def take_categories(self, metainfo: Mapping[str, Sequence[str]]) -> None:
        """Take over the categories of a data set: things, then stuff.

        Args:
            metainfo: Of the data set: ``thing_classes`` and ``stuff_classes``.

        Raises:
            InputError: As of :meth:`take`.
        """
        things = list(metainfo['thing_classes'])
        stuff = list(metainfo['stuff_classes'])
        self.take(things + stuff, [True] * len(things) + [False] * len(stuff))


def decoded(encoded: Tensor) -> list[str]:
    """Return the names of a :class:`LabelNames` buffer; one that is not there is ''."""
    return [bytes(row[row > 0].tolist()).decode() for row in encoded.cpu()]


def names_in(state: Mapping[str, Tensor], part: str) -> dict[str, int]:
    """Return the names that a checkpoint has, and which output each is of.

    Args:
        state: The checkpoint's weights.
        part: What its :class:`LabelNames` is called in the model.
    """
    names = decoded(state[f'{part}.encoded'])
    return {name: place for place, name in enumerate(names) if name}

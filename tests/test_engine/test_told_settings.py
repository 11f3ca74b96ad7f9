"""Settings from which nothing can be built are told by their place in the config."""

import pytest
from mmengine.config import Config

from mmfourdpsg.engine.told_settings import told_settings
from mmfourdpsg.registry import MODELS, TRANSFORMS
from mmfourdpsg.utils import InputError

CONFIG = dict(
    model=dict(
        type='FourDLLM',
        parts=[dict(type='MLPProjector', in_channels=3, out_channels=3, width=2)],
    ),
    pipeline=[dict(type='SampleFramesX'), dict(type='SampleFrames')],
    train_cfg=dict(by_epoch=True, max_epoch=3),
    picky=dict(size=0),
)


def loop(by_epoch, max_epochs=1):
    """Stands for a loop, which MMEngine chooses by itself."""


class Picky:
    """Does not take every value."""

    def __init__(self, size):
        if size < 1:
            raise ValueError(f'size is {size}, expected more')


@pytest.mark.parametrize(
    'build, says',
    [
        (
            lambda c: MODELS.build(c.model.parts[0]),
            r'model\.parts\.0\.width: MLPProjector has no such setting',
        ),
        (
            lambda c: TRANSFORMS.build(c.pipeline[0]),
            r"pipeline\.0\.type: the registry mmdet::transform has no 'SampleFramesX'",
        ),
        (
            lambda c: TRANSFORMS.build(c.pipeline[1]),
            r"pipeline\.1: SampleFrames needs the setting 'num_frames'",
        ),
        (lambda c: loop(**c.train_cfg), r'train_cfg\.max_epoch: loop has no such'),
        (lambda c: Picky(**c.picky), 'the config: size is 0, expected more'),
    ],
)
def test_a_setting_is_told_by_its_place(build, says):
    config = Config(CONFIG)
    with pytest.raises(InputError, match=says), told_settings(config):
        build(config)


def test_what_no_setting_explains_passes_through():
    with pytest.raises(TypeError), told_settings(Config(CONFIG)):
        loop(True, nothing=3)
    with pytest.raises(KeyError), told_settings(Config(CONFIG)):
        {}['a']
    # A fault of the code, and not of a setting.
    with pytest.raises(ValueError, match='not in list'), told_settings(Config(CONFIG)):
        [].index(3)

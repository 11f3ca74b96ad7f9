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
)


def loop(by_epoch, max_epochs=1):
    """Stands for a loop, which MMEngine chooses by itself."""


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
        (lambda c: [].index(3), 'the config: 3 is not in list'),
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

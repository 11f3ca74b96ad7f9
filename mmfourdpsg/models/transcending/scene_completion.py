"""Scenes as a model reads them: as they are, or pseudo-4D ones, announced as 4D.

What :class:`SceneTranscender` makes of features has frames of its own; this tells which
they are, and announces a scene that is made of an image as the video it stands for.
"""

from collections.abc import Sequence
from typing import NamedTuple

from torch import Tensor
from torch.profiler import record_function

from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.utils.check_names import check_names

from ..frame_times import frame_times, pseudo_frame_times
from ..scene_encoders import FrameFeatures
from .scene_transcender import GIVEN, SceneTranscender

# What is given of stills, of GIVEN.
STILLS = ('3d', 'image')


class CompletedScenes(NamedTuple):
    """Features of a batch of scenes, and when their frames are.

    Attributes:
        frames: Features of ``B`` scenes in ``T`` frames.
        frame_mask: bool ``[B, T]``, False on padding.
        times: ``[B, T]``, moments of the frames in 0..1 of their scenes.
    """

    frames: FrameFeatures
    frame_mask: Tensor
    times: Tensor


def complete_scenes(
    frames: FrameFeatures,
    frame_mask: Tensor,
    data_samples: Sequence[SceneGraphDataSample],
    given: str,
    transcender: SceneTranscender | None = None,
) -> CompletedScenes:
    """Keep what counts as given of some scenes and estimate the rest.

    A scene that is made of an image gets the meta information ``scene_length``, number
    of frames and frame rate of the video that it stands for: what is made of 2D data
    must not be told from 4D scenes.

    Args:
        frames: Features of the ``B`` scenes in their ``T_0`` sampled frames.
        frame_mask: bool ``[B, T_0]``, False on padding.
        data_samples: ``B`` of them, with ``frame_indices`` and ``num_frames``.
        given: What of the scenes is given, see :meth:`SceneTranscender.complete`.
        transcender: What estimates the rest; None is for ``4d`` alone.

    Returns:
        CompletedScenes: Scenes of ``T`` frames: with ``4d`` and ``video`` those that
        are there, otherwise as many as the longest scene has that is made of a still.

    Raises:
        ValueError: ``given`` has an unknown name, or takes a scene transcender.
    """
    check_names('given', [given], GIVEN)
    if transcender is None and given != '4d':
        raise ValueError(
            f'given is {given}; expected a scene transcender for anything but 4d'
        )
    if given not in STILLS:
        times = frame_times(data_samples, frame_mask)
    else:
        frame_mask, times = pseudo_frame_times(
            data_samples, frame_mask, transcender.num_frames
        )
        for sample in data_samples:
            if sample.num_frames == 1:
                sample.set_metainfo(dict(scene_length=transcender.still_length))
    if transcender is not None:
        with record_function('scene_transcender'):
            frames = transcender.complete(frames, given, frame_mask.shape[1])
    return CompletedScenes(frames, frame_mask, times)


def check_given(
    transcender: dict | None, losses: Sequence[str] = (), **given: str
) -> None:
    """Make sure that what is not given can be estimated.

    Args:
        transcender: Config of the scene transcender, None without one.
        losses: Names of its losses that are trained.
        **given: Settings that say what of scenes is given.

    Raises:
        ValueError: A setting has an unknown name, or takes a scene transcender.
    """
    for name, value in given.items():
        check_names(name, [value], GIVEN)
    check_names('transcending_losses', losses, SceneTranscender.LOSSES)
    if transcender is None and (losses or set(given.values()) != {'4d'}):
        told = [f'{name} is {value}' for name, value in given.items()]
        if losses:
            told.append(f'transcending_losses are {list(losses)}')
        raise ValueError(
            f'{", ".join(told)}; expected a scene_transcender for anything but 4d and '
            'no losses'
        )

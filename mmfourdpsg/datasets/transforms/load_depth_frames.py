"""Transform that reads the depth of the sampled frames."""

import warnings

import numpy as np
from mmcv.transforms import BaseTransform

from mmfourdpsg.registry import TRANSFORMS
from mmfourdpsg.utils import InputError

from ..frame_readers.file_decoding import MissingFileError
from .decoders import Decoders


@TRANSFORMS.register_module()
class LoadDepthFrames(BaseTransform):
    """Reads the depth of the sampled frames, in metres.

    Args:
        decoder: Config of the source's rule: a callable (results, frame) -> float32
            ``[H, W]`` in metres, 0 = unknown; None takes the data set's own. It is
            not used where the pipeline's dictionary has a ``depth_reader``, a sequence
            of such maps.
        missing: What to do where a frame has no depth file (or none of the files that
            the rule needs): ``error``, or ``unknown`` to take its depth as unknown
            and count such frames in one warning a video. Damaged files are errors
            either way.

    Adds ``depth`` float32 ``[T, H, W]``.

    Raises:
        InputError: A depth file is missing, truncated or not of the size of the RGB
            frames.
    """

    def __init__(self, decoder: dict | None = None, missing: str = 'error') -> None:
        if missing not in ('error', 'unknown'):
            raise ValueError(f"missing is {missing!r}, expected 'error' or 'unknown'")
        self.config = decoder
        self.decoders = Decoders(decoder, 'depth_decoder')
        self.missing = missing
        self._warned: set[str] = set()

    def transform(self, results: dict) -> dict:
        """Read the frames; RGB has to be loaded before."""
        size = results['ori_shape']
        if results['img_shape'] != size:
            raise ValueError('LoadDepthFrames belongs before transforms of the size')
        indices = results['frame_indices']
        frames, missing = [], []
        for index in indices:
            try:
                depth = self._read(results, index)
            except MissingFileError as error:
                if self.missing == 'error':
                    raise
                missing.append(str(error))
                depth = np.zeros(size, dtype=np.float32)
            if depth.shape != size:
                raise InputError(
                    f'{results.get("depth_path", results["video_id"])}: depth of frame '
                    f'{index} has {depth.shape[0]} x {depth.shape[1]} pixels (height x '
                    f'width), expected {size[0]} x {size[1]} as the RGB frames'
                )
            frames.append(depth)
        if missing and results['video_id'] not in self._warned:
            self._warned.add(results['video_id'])
            warnings.warn(
                f'video {results["video_id"]!r}: took the depth of {len(missing)} of '
                f'{len(indices)} sampled frames as unknown; the first: {missing[0]}',
                stacklevel=2,
            )
        results['depth'] = np.stack(frames)  # [T, H, W]
        return results

    def _read(self, results: dict, index: int) -> np.ndarray:
        if results.get('depth_reader') is not None:
            return results['depth_reader'][index]
        return self.decoders(results)(results, index)

    def __repr__(self) -> str:
        return f'LoadDepthFrames(decoder={self.config}, missing={self.missing!r})'

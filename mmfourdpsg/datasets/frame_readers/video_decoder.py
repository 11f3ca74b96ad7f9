"""Decoder of the video stream of a file."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from types import TracebackType

import av
from av.stream import Disposition

from mmfourdpsg.utils import InputError

from .frame_orientation import FrameOrientation
from .shown_frame import ShownFrame

# FFmpeg draws the letters of text files as a video, by the file's ending.
_DRAWN_TEXT = ('ansi', 'bintext', 'idf', 'xbin')


class VideoDecoder:
    """Reads a video file from its beginning, or from where it was sought to.

    Where a file has several videos it takes the one that FFmpeg's own player shows:
    that which the file marks as its default, else one of several frames, else the
    richest; and never a cover image. It is a context manager, and open from the
    beginning.

    Args:
        path: A file that FFmpeg reads.

    Attributes:
        path: The file.
        container: The open file.
        stream: Its video.

    Raises:
        InputError: The file is missing, empty, or holds no video.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._orientations: dict[int, FrameOrientation] = {}
        if not self.path.is_file():
            raise InputError(f'{path}: is missing, expected a video file')
        try:
            # "file:", since FFmpeg takes what stands before a colon for a protocol.
            self.container = av.open(f'file:{path}', metadata_errors='replace')
        except (av.FFmpegError, OSError) as error:
            is_empty = not self.path.stat().st_size
            reason = 'an empty file' if is_empty else error.strerror
            raise InputError(
                f'{path}: is truncated or no video ({reason}), expected a video file'
            ) from None
        try:
            self.stream = self._find_stream()
        except InputError:
            self.container.close()
            raise

    def _find_stream(self) -> av.VideoStream:
        streams = [
            stream
            for stream in self.container.streams.video
            if stream.codec_context is not None
            and stream.codec_context.name not in _DRAWN_TEXT
        ]
        videos = [s for s in streams if not s.disposition & Disposition.attached_pic]
        if not videos:
            what = 'no video but a cover image' if streams else 'no video'
            raise InputError(f'{self.path}: holds {what}, expected one')
        best = self.container.streams.best('video')
        return best if best in videos else videos[0]

    def __enter__(self) -> 'VideoDecoder':
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.container.close()

    def seek(self, time: int) -> None:
        """Go on at the last key frame up to a time, in the stream's own unit."""
        self.container.seek(time, stream=self.stream)

    def packets(self) -> Iterator[av.Packet]:
        """Read coded frames, as far as the file goes.

        Yields:
            Packets in the order of the file, without one that the file's end cuts.
        """
        end = self.container.size
        try:
            for packet in self.container.demux(self.stream):
                is_cut = packet.is_corrupt and (packet.pos or 0) + packet.size >= end
                if packet.size and not is_cut:
                    yield packet
        except av.FFmpegError:
            return  # Nothing can be told apart from here on.
        except IndexError:
            return  # PyAV's at the end, where a stream is in no header.

    def frames(self, skip_damaged: bool = True) -> Iterator[ShownFrame]:
        """Decode the frames that a player shows.

        What an edit list hides is not among them, nor what comes before the first
        frame that can be decoded.

        Args:
            skip_damaged: Whether to leave out damaged frames, as a player does.

        Yields:
            Frames in the order in which they are shown.

        Raises:
            av.FFmpegError: A frame is damaged, and such are not left out.
            InputError: A frame is turned by other than quarter turns.
        """
        started = False
        for packet in chain(self.packets(), [None]):  # None: what is held back
            try:
                frames = self.stream.decode(packet)
            except av.FFmpegError:
                if started and not skip_damaged:
                    raise
                continue
            for frame in frames:
                started = True
                yield ShownFrame(frame, self._orientation(frame))

    def _orientation(self, frame: av.VideoFrame) -> FrameOrientation:
        """Return how a frame is turned; a matrix is read once for each angle."""
        # Reading it ties the frame's memory up until Python's collector runs.
        angle = frame.rotation
        if angle not in self._orientations:
            try:
                self._orientations[angle] = FrameOrientation.of(frame)
            except ValueError as error:
                raise InputError(f'{self.path}: {error}') from None
        return self._orientations[angle]

"""Small videos, made and broken as cameras, editors and full disks do."""

from fractions import Fraction

import av
import numpy as np

SIZE = (48, 64)


def grey_frames(count, size=SIZE):
    """Return frames of which number t has the brightness 8 t."""
    return [np.full((*size, 3), 8 * t, np.uint8) for t in range(count)]


def write_video(
    path,
    frames,
    codec='libx264',
    pixels='yuv420p',
    rate=10,
    times=None,
    unit=None,
    matrix=None,
    options=None,
    **codec_options,
):
    """Encode RGB frames ``[H, W, 3]``, or 16-bit grey ones ``[H, W]``.

    Args:
        times: When each comes, in ``unit`` seconds; evenly, if None.
        matrix: The display matrix, of nine whole numbers.
        options: Of the container.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(f'file:{path}', 'w', options=options or {}) as container:
        stream = container.add_stream(codec, rate=rate, options=codec_options)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels
        stream.bit_rate = 4_000_000
        if matrix is not None:
            stream.set_display_matrix(matrix)
        unit = Fraction(unit or Fraction(1, rate))
        if times is not None:
            stream.codec_context.time_base = unit
        source = 'rgb24' if frames[0].ndim == 3 else 'gray16le'
        for index, frame in enumerate(frames):
            image = av.VideoFrame.from_ndarray(frame, format=source)
            if times is not None:
                image.pts, image.time_base = times[index], unit
            container.mux(stream.encode(image))
        container.mux(stream.encode())


def packet_places(path):
    """Return offset and length of each coded frame, in the order of the file."""
    with av.open(str(path)) as container:
        packets = container.demux(container.streams.video[0])
        return sorted((packet.pos, packet.size) for packet in packets if packet.size)


def blank_packet(path, index, keep=6):
    """Overwrite a coded frame, of which only the first bytes stay."""
    start, length = packet_places(path)[index]
    content = bytearray(path.read_bytes())
    content[start + keep : start + length] = bytes(length - keep)
    path.write_bytes(content)


def without_first_packets(source, path, count):
    """Copy a video but for its first coded frames, as a recorder that joins late."""
    with av.open(str(source)) as old, av.open(str(path), 'w') as new:
        stream = old.streams.video[0]
        copy = new.add_stream_from_template(stream)
        packets = [packet for packet in old.demux(stream) if packet.size]
        for packet in packets[count:]:
            packet.stream = copy
            new.mux(packet)


def write_of_two_sizes(path, sizes=(SIZE, (32, 48))):
    """Encode four frames, and four smaller ones, as recorders of calls do."""
    parts = []
    for size in sizes:
        part = path.with_name(f'{size[0]}{path.suffix}')
        write_video(part, grey_frames(4, size), 'libvpx')
        parts.append(part)
    with av.open(str(parts[0])) as first, av.open(str(path), 'w') as new:
        copy = new.add_stream_from_template(first.streams.video[0])
        for index, part in enumerate(parts):
            with av.open(str(part)) as old:
                for packet in old.demux(old.streams.video[0]):
                    if packet.size:
                        packet.pts = packet.dts = packet.pts + 400 * index
                        packet.stream = copy
                        new.mux(packet)
    for part in parts:
        part.unlink()


def brightness(frames):
    """Return the number that each frame had in :func:`grey_frames`."""
    return [round(float(frame.mean()) / 8) for frame in frames]

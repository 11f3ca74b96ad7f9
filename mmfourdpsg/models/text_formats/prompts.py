"""What the language model is asked."""

DIRECT_INSTRUCTION = (
    'You are a scene expert with professional skills in generating a scene graph '
    'sequence. For each pair of objects in the 4D scene that are related, write the '
    'subject, the relation, the object, and when the relation starts and ends as '
    'fractions of the duration.'
)
"""The task in one step, in the paper's words where it has them (section 3.2)."""

SHORT_DIRECT_INSTRUCTION = 'Write the scene graph.'
"""The task for a model that knows nothing but it."""


def duration_text(num_frames: int, fps: float | None) -> str:
    """Describe how long a video is ("Input Data: 4D Scene, the duration").

    Args:
        num_frames: Number of frames of the original video.
        fps: Frames a second; None or 0 where it is unknown.
    """
    frames = f'{num_frames} frame' + 's' * (num_frames != 1)
    return f'{num_frames / fps:.1f} seconds, {frames}' if fps else frames

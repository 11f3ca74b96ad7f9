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


CHAINED_INSTRUCTION = (
    'You are a scene expert with professional skills in generating an SG triplets '
    'sequence. You follow these four detailed steps to ensure a logical, step-by-step '
    'approach to SG generation.'
)
"""The task in four steps, in the paper's words (section 3.2, appendix E)."""

CHAINED_STAGES = (
    'Inference stage 1: Object Description and Categorization. For each object in the '
    'scene, do not immediately output its name. Instead, start by describing each '
    'object in detail. Provide a description of each object based on its appearance, '
    'shape, structure, and any unique characteristics observed in the scene. After '
    'giving a detailed description, assign a category to the object that best fits the '
    'object (e.g., "person", "table", "chair", etc.).\n'
    'Expected Output: description | object [Obj]; ...',
    'Inference stage 2: Semantic Relation Identification. Based on the identified '
    'objects, analyze which pairs of objects may have semantic relations. Consider '
    'spatial positioning, interactions, and any logical connections that might exist '
    'between them. Identify only pairs that have a meaningful relationship, and '
    'briefly explain why these pairs might be related.\n'
    'Expected Output: object_i | object_j | reason; ...',
    'Inference stage 3: Precise Relation Description. For each object pair identified '
    'in stage 2, describe the exact nature of the relation between the two objects as '
    'precisely as possible. Use clear, concise language to specify the relation type '
    '(e.g., "sitting on", "holding", "near", etc.).\n'
    'Expected Output: object_i | relation_k | object_j; ...',
    'Inference stage 4: Temporal Span Determination. For each identified relation, '
    'determine its duration or time span. Indicate if the relation is continuous, '
    'occurs intermittently, or exists only at a specific moment within the scene. Use '
    'a numerical value for the duration, such as a time interval.\n'
    'Expected Output: object_i | relation_k | object_j | continuous start_time '
    'end_time; ...',
)
"""The prompt of each step; the expected output is in the notation of the format."""

EXAMPLES_HEADING = 'In-context Examples'
"""Stands before the examples (appendix E)."""

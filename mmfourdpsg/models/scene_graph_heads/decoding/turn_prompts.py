"""The user's prompts of a conversation about a scene."""

from collections.abc import Sequence

from mmfourdpsg.structures import SceneGraphDataSample

from ...language_models.causal_language_model import CausalLanguageModel
from ...special_tokens import SCENE_TOKEN
from ...text_formats import SceneGraphTextFormat
from ...text_formats.prompts import duration_text


def encode_turn_prompt(
    language_model: CausalLanguageModel,
    text_format: SceneGraphTextFormat,
    sample: SceneGraphDataSample,
    turn: int,
    answers: Sequence[str],
) -> list[int]:
    """Return the token ids of a turn's prompt; the first holds the scene's place.

    Args:
        language_model: Encodes it, in its chat form.
        text_format: Writes it.
        sample: Tells how long the video is.
        turn: Which turn, from 0.
        answers: The answers of the turns before.
    """
    text = text_format.prompt(turn, answers)
    if turn == 0:
        # A scene that is made of a still image stands for a longer one.
        length = sample.get('scene_length') or (sample.num_frames, sample.get('fps'))
        text = f'{SCENE_TOKEN}\n{duration_text(*length)}.\n{text}'
    return language_model.encode_prompt(text, first=turn == 0)

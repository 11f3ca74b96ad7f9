"""How answers end that get too long."""

from bisect import bisect_left, bisect_right

from ...language_models.causal_language_model import CausalLanguageModel
from ...special_tokens import OBJECT_TOKEN
from ...text_formats import SceneGraphTextFormat
from .decoded_answer import DecodedAnswer
from .grammar_constraint import GrammarConstraint


class AnswerEndings:
    """Tells what is kept of an answer that was cut off.

    Args:
        language_model: The language model.
        text_format: Has what may stand for a cut answer.
        constraints: Those of the answers.
    """

    def __init__(
        self,
        language_model: CausalLanguageModel,
        text_format: SceneGraphTextFormat,
        constraints: GrammarConstraint,
    ) -> None:
        self.language_model = language_model
        self.text_format = text_format
        self.constraints = constraints

    def size(self, turn: int) -> int:
        """Return how many tokens an answer has that was cut off at once."""
        return closing_size(self.language_model, self.text_format, turn)

    def kept(self, turn: int, ids: list[int]) -> tuple[int, list[int]]:
        """Return what is kept of an answer that was cut off.

        Args:
            turn: Which turn it is.
            ids: Its tokens.

        Returns:
            How many of them, and the tokens of what else is to stand there: part of a
            token, or what the format has instead.
        """
        decoded = self.decode(ids)
        # Half a character is shown as U+FFFD.
        text = self.text_format.close(turn, decoded.text).rstrip('\ufffd')
        size = _num_common(text, decoded.text)
        count = bisect_right(decoded.ends, size)
        # Tokens that wrote nothing of it by themselves are not needed.
        count = min(count, bisect_left(decoded.ends, size) + 1) if size else 0
        rest = text[decoded.ends[count - 1] if count else 0 :]
        if not rest:
            return count, []
        return count, list(self.constraints.vocabulary.encode(rest, not count))

    def decode(self, ids: list[int]) -> DecodedAnswer:
        """Return the text of an answer's tokens."""
        model = self.language_model
        return DecodedAnswer.from_ids(
            [token for token in ids if token != model.end_token_id],
            model.decode,
            model.object_token_id,
            OBJECT_TOKEN,
        )


def closing_size(
    language_model: CausalLanguageModel, text_format: SceneGraphTextFormat, turn: int
) -> int:
    """Return how many tokens an answer has that was cut off at once, without its end.

    Args:
        language_model: The language model.
        text_format: Has what stands there instead.
        turn: Which turn.
    """
    return len(language_model.encode_answer(text_format.close(turn, '')))


def _num_common(first: str, second: str) -> int:
    """Return how many characters two texts begin with alike."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if one != other:
            break
        count += 1
    return count

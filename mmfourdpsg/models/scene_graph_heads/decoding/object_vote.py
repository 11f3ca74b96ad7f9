"""A vote of a language model on what objects a scene has."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

import torch

from mmfourdpsg.structures import SceneGraphDataSample

from ...language_models.causal_language_model import CausalLanguageModel
from ...language_models.conversation_cache import ConversationCache
from ...text_formats import SceneGraphTextFormat
from .conversation import ConversationBatch
from .conversation_row import ConversationRow
from .grammar_constraint import GrammarConstraint
from .held_conversations import HeldConversations
from .token_sampler import TokenSampler


class ObjectVote:
    """Has a language model list the objects of a scene often, and takes the usual ones.

    The likeliest list is not the list of all likely objects: written from left to
    right, it goes past whatever is a little less likely than to be missing. The share
    of sampled lists that have an object estimates how likely it is to be there, so a
    threshold on it chooses between what is missed and what is made up.

    Args:
        language_model: The language model.
        text_format: Its first answer lists objects.
        constraints: Starts the constraint of each answer.
        num_lists: How many lists are sampled.
        min_share: Least share of them that has an object.
        sampling: Arguments of :class:`TokenSampler`.

    Raises:
        ValueError: There is no list in the format.
    """

    def __init__(
        self,
        language_model: CausalLanguageModel,
        text_format: SceneGraphTextFormat,
        constraints: GrammarConstraint,
        num_lists: int = 32,
        min_share: float = 0.3,
        sampling: Mapping[str, Any] | None = None,
    ) -> None:
        if not text_format.lists_objects:
            raise ValueError(
                f'object_vote: the form of {type(text_format).__name__} lists no '
                'objects, expected one that does'
            )
        self.language_model = language_model
        self.text_format = text_format
        self.constraints = constraints
        self.num_lists = num_lists
        self.min_share = min_share
        self.sampler = TokenSampler(**(sampling or {}))

    def __call__(
        self,
        batch: ConversationBatch,
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
    ) -> list[dict[tuple[str, int], float]]:
        """Find the objects of scenes.

        Args:
            batch: Scenes and first prompts.
            data_samples: What is known of the videos.
            max_answer_tokens: Longest list, without what had to come.

        Returns:
            For each video the category and number of its objects, and their share of
            the lists, in the order in which lists mostly have them.
        """
        lists = self.lists(batch, data_samples, max_answer_tokens)
        return [elect(rows, self.min_share) for rows in lists]

    def lists(
        self,
        batch: ConversationBatch,
        data_samples: Sequence[SceneGraphDataSample],
        max_answer_tokens: int,
    ) -> list[list[list[str]]]:
        """Return the categories that each list of each video has.

        Args:
            batch: As of a call.
            data_samples: Likewise.
            max_answer_tokens: Likewise.
        """
        model, size = self.language_model, self.num_lists
        # The same for all videos, so that a graph does not depend on its batch.
        seeds = torch.randint(2**62, (size,)).tolist()
        cache = ConversationCache(model, batch.embeddings, batch.attention_mask, size)
        samples = zip(data_samples, cache.first_logits, strict=True)
        pairs = [(*sample, seed) for sample in samples for seed in seeds]
        rows = [
            ConversationRow(index, sample, logits, model.object_token_id, seed)
            for index, (sample, logits, seed) in enumerate(pairs)
        ]
        HeldConversations(
            model, self.text_format, self.constraints, self.sampler, cache, rows
        ).answer(
            [0],
            max_answer_tokens,
            [0],
            lambda answer: self.text_format.listed_objects(answer)[1],
        )
        lists = [
            self.text_format.listed_objects(row.texts[0])[0] if row.texts else []
            for row in rows
        ]
        return [lists[i : i + size] for i in range(0, len(lists), size)]


def elect(
    lists: Sequence[Sequence[str]], min_share: float
) -> dict[tuple[str, int], float]:
    """Return the objects that many lists have, and their share of the lists.

    Args:
        lists: The categories of each list.
        min_share: Least share of an object.

    Returns:
        Category and number within it -> share, in the order of their mean place.
    """
    places: dict[tuple[str, int], list[float]] = defaultdict(list)
    for categories in lists:
        counts: Counter[str] = Counter()
        for place, category in enumerate(categories):
            counts[category] += 1
            places[category, counts[category]].append((place + 0.5) / len(categories))
    order = sorted(places, key=lambda key: sum(places[key]) / len(places[key]))
    shares = {key: len(places[key]) / len(lists) for key in order}
    return {key: share for key, share in shares.items() if share >= min_share}

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

# An object by its category and its number within it.
_Key = tuple[str, int]


class ObjectVote:
    """Has a language model list the objects of a scene often, and takes the usual ones.

    The likeliest list is not the list of all likely objects: written from left to
    right, it goes past whatever is a little less likely than to be missing. The share
    of sampled lists that have an object estimates how likely the model holds it to be
    there, so a threshold on it chooses between what is missed and what is made up.

    Lists are sampled with random numbers of their own, the same for all videos, so what
    is elected depends on nothing but the scene.

    Args:
        language_model: The language model.
        text_format: Its first answer begins with a list of objects.
        constraints: Starts the constraint of each answer.
        num_lists: How many lists are sampled.
        min_share: Least share of them that has an object.
        seed: Of the random numbers.
        sampling: Arguments of :class:`TokenSampler`; without any, lists are drawn with
            the probabilities that the model gives them.

    Raises:
        ValueError: There is no list in the format, or no grammar for given ones, or
            ``num_lists`` or ``min_share`` is not positive, or the latter above 1.
    """

    def __init__(
        self,
        language_model: CausalLanguageModel,
        text_format: SceneGraphTextFormat,
        constraints: GrammarConstraint,
        num_lists: int = 32,
        min_share: float = 0.3,
        seed: int = 0,
        sampling: Mapping[str, Any] | None = None,
    ) -> None:
        if not text_format.lists_objects or text_format.grammar(0, []) is None:
            raise ValueError(
                f'object_vote: the form of {type(text_format).__name__} lists no '
                'objects by a grammar, expected one that does'
            )
        if num_lists < 1:
            raise ValueError(f'num_lists is {num_lists}, expected at least 1')
        if not 0 < min_share <= 1:
            raise ValueError(f'min_share is {min_share}, expected 0 < share <= 1')
        self.language_model = language_model
        self.text_format = text_format
        self.constraints = constraints
        self.num_lists = num_lists
        self.min_share = min_share
        self.seed = seed
        self.sampler = TokenSampler(
            **dict(dict(top_k=0, top_p=1.0), **(sampling or {}))
        )

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
        generator = torch.Generator().manual_seed(self.seed)
        seeds = torch.randint(2**62, (size,), generator=generator).tolist()
        cache = ConversationCache(model, batch.embeddings, batch.attention_mask, size)
        samples = zip(data_samples, cache.first_logits, strict=True)
        pairs = [(*sample, seed) for sample in samples for seed in seeds]
        rows = [
            ConversationRow(index, sample, logits, model.object_token_id, seed)
            for index, (sample, logits, seed) in enumerate(pairs)
        ]
        held = HeldConversations(
            model, self.text_format, self.constraints, self.sampler, cache, rows
        )
        looked = [0 for _ in rows]

        def is_over(row: ConversationRow) -> bool:
            ids = row.answers[-1].ids
            # Reading an answer takes longer than writing a token of it, and what comes
            # behind an object tells whether the list goes on.
            if model.object_token_id not in ids[looked[row.index] : -1]:
                return False
            looked[row.index] = len(ids) - 1
            return self.text_format.listed_objects(held.endings.decode(ids).text)[1]

        held.answer([0], max_answer_tokens, [0], is_over)
        lists = [
            self.text_format.listed_objects(row.texts[0])[0] if row.texts else []
            for row in rows
        ]
        return [lists[i : i + size] for i in range(0, len(lists), size)]


def elect(lists: Sequence[Sequence[str]], min_share: float) -> dict[_Key, float]:
    """Return the objects that many lists have, and their share of the lists.

    Args:
        lists: The categories of each list.
        min_share: Least share of an object.

    Returns:
        Category and number within it -> share. One comes before another if most lists
        that have both have them so, or, where none has both or as many have them the
        other way, if its mean place is before that of the other.
    """
    places: dict[_Key, list[float]] = defaultdict(list)
    before: Counter[tuple[_Key, _Key]] = Counter()
    counts: Counter[str]
    for categories in lists:
        counts = Counter()
        keys: list[_Key] = []
        for place, category in enumerate(categories):
            counts[category] += 1
            key = category, counts[category]
            places[key].append((place + 0.5) / len(categories))
            before.update((other, key) for other in keys)
            keys.append(key)
    shares = {key: len(found) / len(lists) for key, found in places.items()}
    elected = [key for key, share in shares.items() if share >= min_share]
    mean = {key: sum(places[key]) / len(places[key]) for key in elected}

    def comes_first(key: _Key, other: _Key) -> bool:
        votes = before[key, other] - before[other, key]
        return votes > 0 or (votes == 0 and mean[key] < mean[other])

    # Preferences may go round in a circle, so all there is to sort by is how many
    # others each is before.
    wins = {key: sum(comes_first(key, other) for other in elected) for key in elected}
    order = sorted(elected, key=lambda key: (-wins[key], mean[key]))
    # Whatever came of it, numbers of a category ascend.
    counts = Counter()
    numbered = []
    for category, _ in order:
        counts[category] += 1
        numbered.append((category, counts[category]))
    return {key: shares[key] for key in numbered}

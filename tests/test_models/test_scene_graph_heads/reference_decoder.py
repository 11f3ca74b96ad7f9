"""Decoding without a cache, for tests: each turn from the whole text, and once more."""

import torch

from mmfourdpsg.models.scene_graph_heads.decoding.conversation import (
    Conversation,
    ConversationBatch,
    run_conversations,
)
from mmfourdpsg.models.scene_graph_heads.decoding.decoded_answer import DecodedAnswer
from mmfourdpsg.models.scene_graph_heads.decoding.token_sampler import unpack_bits
from mmfourdpsg.models.scene_graph_heads.decoding.turn_prompts import encode_turn_prompt


class ReferenceDecoder:
    """Has one conversation, token by token, with nothing kept between tokens."""

    def __init__(self, decoder, scene, sample, max_answer_tokens):
        self.decoder = decoder
        self.model = decoder.language_model
        self.scene = scene
        self.sample = sample
        self.max_answer_tokens = max_answer_tokens

    def run(self, conversation):
        batch = ConversationBatch.assemble(
            [conversation],
            [self.scene],
            self.model.embed_tokens,
            self.model.scene_token_id,
        )
        return batch, *run_conversations(self.model, batch)

    def decode(self, ids):
        return DecodedAnswer.from_ids(
            [token for token in ids if token != self.model.end_token_id],
            self.model.decode,
            self.model.object_token_id,
            '[Obj]',
        )

    def close(self, turn, ids):
        """Return the tokens of what is kept, and how many of them were written."""
        text_format = self.decoder.text_format
        text = self.decode(ids).text
        kept = text_format.close(turn, text).rstrip('\ufffd')
        count = 0
        while count < len(ids) and kept.startswith(self.decode(ids[: count + 1]).text):
            count += 1
        while count and self.decode(ids[:count]).text == (
            self.decode(ids[: count - 1]).text
        ):
            count -= 1
        rest = kept.removeprefix(self.decode(ids[:count]).text)
        return [*ids[:count], *(self.model.encode_answer(rest) if rest else [])], count

    def __call__(self, seed):
        """Return token ids, probabilities, forced flags and object states by turn."""
        text_format = self.decoder.text_format
        generator = None if seed is None else torch.Generator().manual_seed(seed)
        conversation, texts, flags = Conversation(), [], []
        for turn in range(text_format.num_turns):
            conversation.prompts.append(
                encode_turn_prompt(self.model, text_format, self.sample, turn, texts)
            )
            grammar = text_format.grammar(turn, texts)
            constraint = self.decoder.constraints.start(grammar)
            ids = constraint.forced()
            forced = [True] * len(ids)
            while not constraint.is_complete:
                if forced.count(False) >= self.max_answer_tokens:
                    if grammar is None and turn == text_format.num_turns - 1:
                        break
                    ids, count = self.close(turn, ids)
                    ids = [*ids, self.model.end_token_id]
                    forced = forced[:count] + [True] * (len(ids) - count)
                    break
                chance = None
                if generator is not None:
                    chance = torch.rand((), generator=generator).item()
                conversation.answers.append([*ids, 0])
                logits = self.run(conversation)[2][:, -2]
                conversation.answers.pop()
                words = torch.from_numpy(constraint.allowed())[None]
                allowed = unpack_bits(words, logits.shape[1])
                (token,) = self.decoder.sampler(logits, allowed, [chance])
                constraint.accept(token)
                more = constraint.forced()
                ids += [token, *more]
                forced += [False] + [True] * len(more)
            conversation.answers.append(ids)
            flags.append(forced)
            texts.append(self.decode(ids).text)
        batch, states, logits = self.run(conversation)
        first = states.shape[1] - logits.shape[1]
        found = []
        for answer, forced, start in zip(
            conversation.answers, flags, batch.answer_starts[0], strict=True
        ):
            chances = [
                logits[0, start + k - 1 - first].softmax(-1)[token].item()
                for k, token in enumerate(answer)
            ]
            marked = {
                k: states[0, start + k]
                for k, token in enumerate(answer)
                if token == self.model.object_token_id
            }
            found.append((answer, chances, forced, marked))
        return found

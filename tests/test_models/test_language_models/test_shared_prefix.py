"""Attention to a shared beginning, compared with attention over whole texts."""

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from transformers import AutoConfig, AutoTokenizer

from mmfourdpsg.models.language_models import CausalLanguageModel
from mmfourdpsg.models.language_models.conversation_cache import (
    ConversationCache,
    TokenRun,
)
from mmfourdpsg.models.language_models.shared_prefix import (
    HANDING_ON,
    SharedPrefix,
    shared_prefix_attention,
)

SCENES, HEADS, GROUPS, WIDTH, SLOTS, CHANNELS = 3, 4, 2, 2, 5, 8
SCENE_OF = [1, 0, 1, 2, 1]
LENGTHS = [3, 7, 4]


def make_inputs(dtype, size=1.0):
    torch.manual_seed(0)
    count = len(SCENE_OF)
    query = size * torch.randn(count, HEADS, WIDTH, CHANNELS)
    key, value = torch.randn(2, count, GROUPS, SLOTS, CHANNELS)
    # The last layer is the one that is asked for; behind the lengths stands anything.
    keys, values = torch.randn(2, 2, SCENES, GROUPS, max(LENGTHS) + 2, CHANNELS)
    seen = torch.rand(count, WIDTH, SLOTS) < 0.6
    seen[..., 0] = True
    parts = (query, key, value, keys, values)
    return [part.to(dtype) for part in parts], seen


def whole_texts(query, key, value, keys, values, seen):
    """Return attention of each text by itself, its beginning written out."""
    rows = []
    for row, scene in enumerate(SCENE_OF):
        size = LENGTHS[scene]
        k = torch.cat([keys[1, scene, :, :size], key[row]], 1)
        v = torch.cat([values[1, scene, :, :size], value[row]], 1)
        k, v = (part.repeat_interleave(HEADS // GROUPS, 0) for part in (k, v))
        mask = torch.cat([torch.ones(WIDTH, size, dtype=torch.bool), seen[row]], 1)
        rows.append(F.scaled_dot_product_attention(query[row], k, v, mask))
    return torch.stack(rows).transpose(1, 2)


@pytest.mark.parametrize(
    ('dtype', 'size', 'tolerance'),
    [
        (torch.float64, 1.0, 1e-12),
        (torch.bfloat16, 1.0, 1e-2),
        # Scores of more than half precision can tell apart, or hold.
        (torch.bfloat16, 40.0, 1e-2),
        (torch.float16, 1e3, 2e-3),
    ],
)
def test_two_parts_are_one_attention(dtype, size, tolerance):
    (query, key, value, keys, values), seen = make_inputs(dtype, size)
    module = nn.Module()
    module.layer_idx = 1
    scenes = torch.tensor(SCENE_OF)
    shared = SharedPrefix(
        keys, values, LENGTHS, [(scenes == i).nonzero()[:, 0] for i in range(SCENES)]
    )
    mask = torch.zeros(seen.shape, dtype=dtype)
    mask.masked_fill_(~seen, torch.finfo(dtype).min)
    found, weights = shared_prefix_attention(
        module, query, key, value, mask[:, None], shared_prefix=shared
    )
    exact = [part.double() for part in (query, key, value, keys, values)]
    wanted = whole_texts(*exact, seen)
    assert weights is None
    assert found.dtype == dtype
    torch.testing.assert_close(found.double(), wanted, rtol=tolerance, atol=tolerance)


def test_a_model_that_hands_nothing_on_is_told():
    (query, key, value, *_), seen = make_inputs(torch.float32)
    with pytest.raises(RuntimeError, match='no shared_prefix'):
        shared_prefix_attention(nn.Module(), query, key, value, seen[:, None])


def make_model(kind, attention, folder):
    """Return a model of two small layers, with a tokenizer from this repository."""
    torch.manual_seed(1)
    config = AutoConfig.for_model(
        kind,
        vocab_size=1200,
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=4,
        num_key_value_heads=2,
        head_dim=8,
        max_position_embeddings=1024,
        sliding_window=None,
        attn_implementation=attention,
    )
    AutoTokenizer.from_pretrained('checkpoints/tabletop/tiny_llama').save_pretrained(
        folder
    )
    config.save_pretrained(folder)
    model = CausalLanguageModel(
        str(folder), pretrained=False, dtype='float64', attention=attention
    )
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter.data, std=0.15)
    return model.double().eval()


@pytest.mark.parametrize('kind', HANDING_ON)
def test_prompts_are_kept_once_and_say_the_same(kind, tmp_path):
    found, held = [], []
    for attention in ('sdpa', 'eager'):
        model = make_model(kind, attention, tmp_path)
        torch.manual_seed(2)
        prompts = torch.randn(2, 200, model.embed_dims, dtype=torch.float64)
        seen = torch.ones(2, 200, dtype=torch.bool)
        seen[1, :9] = False
        cache = ConversationCache(model, prompts, seen, 16)
        assert cache.lengths == [200] * 16 + [191] * 16
        runs = [TokenRun() for _ in cache.lengths]
        for row, ids in ((2, [5, 6, 7]), (17, [8]), (30, [9, 10])):
            runs[row] = TokenRun(ids, [len(ids) - 1], [len(ids) - 1])
        first = cache.extend(runs)
        cache.take_out(2, 1)
        cache.fork([(2, 3), (17, 18)])
        # One that went on waits, and two that are forked go on.
        runs[17] = TokenRun()
        for row in (3, 18):
            runs[row] = TokenRun([11], [0], [0])
        found.append([cache.first_logits, *first, *cache.extend(runs)])
        assert cache.lengths[3] == 203
        held.append(sum(layer.keys.numel() for layer in cache._cache.layers))
        assert model.model.config._attn_implementation == attention
    # The model's own attention has a softmax of single precision.
    torch.testing.assert_close(found[0], found[1], rtol=1e-5, atol=1e-6)
    assert held[0] < held[1] / 3

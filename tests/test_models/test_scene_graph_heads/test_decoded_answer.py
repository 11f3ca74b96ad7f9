from mmfourdpsg.models.language_models import CausalLanguageModel
from mmfourdpsg.models.scene_graph_heads.decoding.decoded_answer import DecodedAnswer


def decode(ids, model):
    return DecodedAnswer.from_ids(ids, model.decode, model.object_token_id, '[Obj]')


def test_characters_of_tokens():
    model = CausalLanguageModel('checkpoints/tabletop/tiny_llama', pretrained=False)
    text = '[Obj][Obj] café 日本 1 [Obj] on \U0001f600 [Obj];'
    ids = model.encode_answer(text)
    answer = decode(ids, model)
    assert answer.text == text
    assert len(answer.ends) == len(ids)
    assert answer.ends == sorted(answer.ends)
    assert answer.ends[-1] == len(text)
    places = [i for i in range(len(text)) if text.startswith('[Obj]', i)]
    tokens = [answer.tokens_of(place, place + 5) for place in places]
    assert [ids[t] for (t,) in tokens] == [model.object_token_id] * 4
    start = text.index('café')
    spelled = [ids[i] for i in answer.tokens_of(start, start + 4)]
    assert model.decode(spelled).strip() == 'café'
    assert answer.tokens_of(0, len(text)) == list(range(len(ids)))


def test_long_texts_are_decoded_as_a_whole():
    model = CausalLanguageModel('checkpoints/tabletop/tiny_llama', pretrained=False)
    text = ' '.join(f'mug {i} on café 日本 \U0001f600;' for i in range(40))
    ids = model.encode_answer(text)
    longest = []

    def watched(tokens):
        longest.append(len(tokens))
        return model.decode(tokens)

    answer = DecodedAnswer.from_ids(ids, watched, model.object_token_id, '[Obj]')
    assert answer.text == text == model.decode(ids)
    whole = [len(model.decode(ids[: i + 1]).rstrip('\ufffd')) for i in range(len(ids))]
    assert answer.ends == whole
    assert max(longest) < 40 < len(ids) / 10


def test_spelled_markers_do_not_count():
    model = CausalLanguageModel('checkpoints/tabletop/tiny_llama', pretrained=False)
    spelled = [model.encode_answer(character)[0] for character in '[Obj]']
    real = model.object_token_id
    answer = decode([*spelled, real, *spelled, *spelled, real], model)
    assert answer.text == '[obj][Obj][obj][obj][Obj]'
    assert answer.ends == [1, 2, 3, 4, 5, 10, *range(11, 21), 25]


def test_nothing():
    model = CausalLanguageModel('checkpoints/tabletop/tiny_llama', pretrained=False)
    answer = decode([], model)
    assert (answer.text, answer.ends) == ('', [])

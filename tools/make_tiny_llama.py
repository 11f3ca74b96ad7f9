"""Make the tiny LLaMA of the mini configs: sizes and a tokenizer, no weights.

    python tools/make_tiny_llama.py --out checkpoints/tabletop/tiny_llama

The tokenizer is a byte-level BPE, so any text can be written, trained on scene graph
text in the words of Tabletop-4D: those words are one token each, and so are times with
two digits behind the point, half of what an answer would consist of otherwise. Other
digits stand alone, as in LLaMA-2.
"""

import argparse
import json
from pathlib import Path

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers
from tokenizers.processors import TemplateProcessing

from mmfourdpsg.models.text_formats import prompts
from mmfourdpsg.simulation.vocabulary import CATEGORIES, PREDICATES
from mmfourdpsg.utils import atomic_write, check_output_folder, exit_on_input_error

BEGIN, END = '<s>', '</s>'
# A time, a digit, or a run of other characters, each with the space before it.
WORD = r' ?[01]\.\d\d(?!\d)| ?\d| ?[^\s\d]+|\s+'
COMMON_WORDS = """
a about above across adult after against all along an and animal any are around as at
away back bag ball bed before behind being below bench beside between bike bird black
blue board boat book both bottle bottom bowl box boy brown building bus by can car
carrying cat center chair child clean close closing cloth color corner cup dark day deep
description door down driving each eating edge end every face facing fall far fast floor
flower food for frame from front full girl glass going grass green ground group half
hand hanging has have head heavy high hitting holding horse house in inside into is it
jumping kicking kitchen knife lamp large left light little long looking low made man
metal middle moving near new next no not object of off old on one open opening or orange
other out outside over paper part person phone picking picture plane plant plate playing
pointing pulling pushing put red relation rest right river road room round running sand
scene screen seat second shape shelf short side sitting sky slow small snow sofa soft
square standing stone street surface table taking talking tall the their then they thing
this three through throwing time to together top touching toward towards train tree
truck turn two under up upper used using very video wall warm watching water way wearing
wheel where white wide window with woman wood wooden word work yellow zone
"""


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description='Make the tiny LLaMA')
    parser.add_argument(
        '--out', default='checkpoints/tabletop/tiny_llama', help='folder to write to'
    )
    parser.add_argument(
        '--vocab-size', type=int, default=1280, help='largest number of tokens'
    )
    return parser.parse_args()


def world_words() -> list[str]:
    """Return the words of the world's categories and predicates, sorted."""
    labels = [*CATEGORIES, *PREDICATES]
    return sorted({word for label in labels for word in label.split()})


def make_tokenizer(vocab_size: int) -> Tokenizer:
    """Train the tokenizer."""
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(WORD), behavior='isolated'),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    tokenizer.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=[BEGIN, END],
        initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )
    instructions = (
        f'USER: ASSISTANT: seconds, frames. frame {prompts.SHORT_DIRECT_INSTRUCTION} '
        f'{prompts.DIRECT_INSTRUCTION}'
    )
    # Words are merged in the order of their weight: the world's must all be whole
    # before the vocabulary is full. Digits get their pair with a space.
    world = [f' {word}' for word in world_words()] + [f' {i}' for i in range(10)]
    # An answer begins with a category, which then has no space before it.
    world += sorted({label.split()[0] for label in CATEGORIES})
    world += [f' {hundredths / 100:.2f}' for hundredths in range(101)]
    texts = world * 1000 + [f' {instructions}'] * 200 + [' 1;'] * 1000
    texts += [f' {word}' for word in COMMON_WORDS.split()] * 10
    tokenizer.train_from_iterator(texts, trainer)
    begin = (BEGIN, tokenizer.token_to_id(BEGIN))
    tokenizer.post_processor = TemplateProcessing(
        single=f'{BEGIN} $A', special_tokens=[begin]
    )
    return tokenizer


def make_config(vocab_size: int) -> dict:
    """Return the sizes, 2.5 million parameters; the rest is LLaMA's default."""
    return dict(
        model_type='llama',
        architectures=['LlamaForCausalLM'],
        vocab_size=vocab_size,
        hidden_size=256,
        intermediate_size=384,
        num_hidden_layers=4,
        num_attention_heads=4,
        num_key_value_heads=4,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        bos_token_id=0,
        eos_token_id=1,
    )


@exit_on_input_error
def main() -> None:
    """Write config.json, tokenizer.json and tokenizer_config.json."""
    args = parse_args()
    check_output_folder(args.out)
    folder = Path(args.out)
    tokenizer = make_tokenizer(args.vocab_size)
    config = make_config(tokenizer.get_vocab_size())
    tokenizer_config = dict(
        tokenizer_class='PreTrainedTokenizerFast',
        bos_token=BEGIN,
        eos_token=END,
        clean_up_tokenization_spaces=False,
        model_max_length=config['max_position_embeddings'],
    )
    with atomic_write(folder / 'tokenizer.json') as path:
        tokenizer.save(str(path))
    for name, content in (
        ('config.json', config),
        ('tokenizer_config.json', tokenizer_config),
    ):
        with atomic_write(folder / name) as path:
            path.write_text(
                json.dumps(content, indent=2, sort_keys=True) + '\n', encoding='utf-8'
            )
    split = [w for w in world_words() if len(tokenizer.encode(f' {w}').ids) > 2]
    print(f'{folder}: {tokenizer.get_vocab_size()} tokens')
    print(f'words of the world that take several tokens: {", ".join(split) or "none"}')


if __name__ == '__main__':
    main()

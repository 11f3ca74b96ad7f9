"""Command-line options of the label matchers."""

import argparse

from mmfourdpsg.utils import InputError

from .alias_label_matcher import AliasLabelMatcher
from .embedding_label_matcher import EmbeddingLabelMatcher
from .exact_label_matcher import ExactLabelMatcher
from .label_matcher import LabelMatcher


def add_label_options(parser: argparse.ArgumentParser) -> None:
    """Add ``--labels``, ``--synonyms`` and ``--similarity``."""
    parser.add_argument(
        '--labels',
        choices=('exact', 'alias', 'embedding'),
        default='exact',
        help='when labels count as equal: only equal ones; those of one lemma or line '
        'of --synonyms; those whose embeddings have a cosine of --similarity',
    )
    parser.add_argument(
        '--synonyms', help='JSON file, a list of lists of labels that mean the same'
    )
    parser.add_argument(
        '--similarity', type=float, default=0.8, help='for --labels embedding'
    )


def matcher_from_options(args: argparse.Namespace) -> LabelMatcher:
    """Return what the command line asks for.

    Raises:
        InputError: It cannot be had, or an option does not go with it.
    """
    if args.synonyms is not None and args.labels != 'alias':
        raise InputError(
            f'--synonyms with --labels {args.labels}, expected --labels alias'
        )
    if args.labels == 'alias':
        return AliasLabelMatcher(args.synonyms)
    if args.labels == 'embedding':
        return EmbeddingLabelMatcher(args.similarity)
    return ExactLabelMatcher()

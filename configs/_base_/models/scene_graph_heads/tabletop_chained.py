# Chained inference, for a model that knows nothing but it.
tabletop_chained = dict(
    type='ChainedTextFormat',
    decimals=2,
    shuffle_relations=True,
    instruction='',
    stages=(
        'Describe the objects.',
        'Which are related?',
        'How are they related?',
        'When are they related?',
    ),
    max_objects=16,
    max_pairs=24,
    max_predicates=4,
    max_ranges=3,
    max_label_tokens=8,
    max_phrase_tokens=40,
)

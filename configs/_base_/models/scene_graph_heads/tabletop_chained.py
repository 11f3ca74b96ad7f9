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
# What is related, how and when is a tenth of a chained text, and what counts.
tabletop_token_weights = dict(
    description=0.3,
    reason=0.5,
    subject=1.5,
    object=1.5,
    predicate=2.0,
    times=1.5,
)

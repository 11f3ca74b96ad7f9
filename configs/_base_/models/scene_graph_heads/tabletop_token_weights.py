# What is related, how and when is a tenth of a chained text, and what counts.
tabletop_token_weights = dict(
    description=0.3,
    reason=0.5,
    subject=1.5,
    object=1.5,
    predicate=2.0,
    times=1.5,
)

# How graphs of Tabletop-4D are written.
tabletop_head = dict(
    text_format=dict(
        # The world's words tell predicates from categories when an answer is read.
        categories=[
            'table', 'floor', 'wall', 'cube', 'ball', 'mug', 'duck', 'can',
            'lego brick', 'bottle', 'book', 'soccer ball', 'tray', 'teddy bear',
            'bowl', 'domino', 'plate', 'gripper', 'toy robot', 'cone', 'basket',
            'jenga block', 'toy car', 'candle', 'pyramid', 'lamp', 'mushroom',
            'hammer', 'house',
        ],
        predicates=[
            'on', 'in', 'stacked on', 'next to', 'to the left of', 'in front of',
            'leaning on', 'falling onto', 'falling into', 'rolling on', 'sliding on',
            'hitting', 'pushing', 'reaching for', 'holding', 'carrying', 'lifting',
            'pulling', 'spinning on',
        ],
        decimals=2,
        # So that a search finds any of them.
        shuffle_relations=True,
        instruction='Write the scene graph.',
    ),
    max_answer_tokens=512,
    # Relations one by one, in place of samples.
    num_samples=1,
    decoder=dict(
        # More objects are found by a vote than in the likeliest list.
        object_vote=dict(num_lists=32, min_share=0.3),
        search=dict(width=64, min_probability=1e-5, span_iou=0.5),
    ),
)  # fmt: skip

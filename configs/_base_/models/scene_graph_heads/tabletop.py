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
        # The shipped weights learned the bare form.
        delimited=False,
        instruction='Write the scene graph.',
    ),
    max_answer_tokens=512,
)  # fmt: skip

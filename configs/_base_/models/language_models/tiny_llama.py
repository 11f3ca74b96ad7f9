# A LLaMA of 2.5 million parameters with random weights, for tests and the quick start.
tiny_llama = dict(
    type='CausalLanguageModel',
    name_or_path='checkpoints/tabletop/tiny_llama',
    pretrained=False,
)

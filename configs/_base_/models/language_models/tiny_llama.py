# A LLaMA of 4 million parameters with random weights, for tests and the quick start.
tiny_llama = dict(
    type='CausalLanguageModel',
    name_or_path='checkpoints/tabletop/tiny_llama',
    pretrained=False,
    lora=None,
)

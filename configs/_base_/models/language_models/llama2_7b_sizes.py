# What makes LLaMA-2-7B one of random weights, where its own are not at hand.
llama2_7b_sizes = dict(
    # For its tokenizer: graphs of the simulated world have 387 tokens with it on
    # average, 371 with LLaMA-2's.
    name_or_path='checkpoints/tabletop/tiny_llama',
    pretrained=False,
    sizes=dict(
        hidden_size=4096,
        intermediate_size=11008,
        num_hidden_layers=32,
        num_attention_heads=32,
        num_key_value_heads=32,
        head_dim=128,
        vocab_size=32000,
        tie_word_embeddings=False,
    ),
)

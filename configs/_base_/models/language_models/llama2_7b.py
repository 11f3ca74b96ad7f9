# LLaMA-2-7B with LoRA (paper, sections 3.1 and 5.1). The model is gated: accept its
# licence on the Hugging Face hub and run `hf auth login` and
# `hf download meta-llama/Llama-2-7b-hf`, or set name_or_path to a folder that has it.
#
# The paper gives no rank, scale or target of LoRA: these are this project's choice.
llama2_7b = dict(
    type='CausalLanguageModel',
    name_or_path='meta-llama/Llama-2-7b-hf',
    dtype='bfloat16',
    lora=dict(
        r=64,
        lora_alpha=128,
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
    gradient_checkpointing=True,
)

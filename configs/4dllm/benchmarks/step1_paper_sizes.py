# Step 1 at the paper's sizes with random weights and simulated videos, to measure what
# a training step costs where neither weights nor data are at hand.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/analysis_tools/benchmark_training.py \
#       configs/4dllm/benchmarks/step1_paper_sizes.py --batch-sizes 1 2 4 --frames 8 16
_base_ = ['../step1_psg4d-gta.py']

work_dir = 'work_dirs/benchmarks/step1_paper_sizes'
train_dataloader = dict(dataset=dict(data_root='data/tabletop/psg4d_gta/'))

model = dict(
    scene_encoder=dict(
        rgb_encoder=dict(checkpoint=None), depth_encoder=dict(checkpoint=None)
    ),
    scene_graph_head=dict(
        language_model=dict(
            # For its tokenizer: graphs of the simulated world have 387 tokens with it
            # on average, 371 with LLaMA-2's.
            name_or_path='checkpoints/tabletop/tiny_llama',
            pretrained=False,
            # Those of LLaMA-2-7B.
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
    ),
    tube_decoder=dict(checkpoint=None),
)

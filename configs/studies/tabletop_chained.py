# Chained inference on Tabletop-4D (paper, Tables 3, 4 and 7): one model, which learned
# to write graphs in four answers and in one, tested both ways, as in
# tabletop_baselines.py; and the published one, which never learned to chain.
#
#   bash tools/benchmark_all.sh --only world
#   python tools/analysis_tools/run_study.py configs/studies/tabletop_chained.py
#   python tools/analysis_tools/make_results.py \
#     --print configs/studies/tabletop_chained.py
_base_ = ['../_base_/studies/tabletop.py']

runs = dict(
    chained=dict(
        config='configs/4dllm/tabletop/step1_chained.py',
        # The test that follows scores the training, so the training need not.
        options=['train_cfg.val_begin=1000'],
    ),
)
rows = [
    dict(name='chained inference', run='chained'),
    dict(
        name='w/o chained inference',
        run='chained',
        test_config='configs/4dllm/tabletop/step1.py',
    ),
    dict(
        name='training-free chained inference',
        config='configs/4dllm/tabletop/step1_training_free.py',
        checkpoint='checkpoints/4dllm/tabletop_step1.safetensors',
    ),
]
groups = dict(chained=(0, 1, 2))

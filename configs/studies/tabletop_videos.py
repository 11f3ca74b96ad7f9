# Step 1 on Tabletop-4D by the number of its videos, beside what it has to beat. Seeds
# of 200 videos tell how far two trainings lie apart.
#
#   bash tools/benchmark_all.sh --only world
#   python tools/analysis_tools/run_study.py configs/studies/tabletop_videos.py
#   python tools/analysis_tools/make_results.py \
#     --print configs/studies/tabletop_videos.py
_base_ = ['../_base_/studies/tabletop.py']

config = 'configs/4dllm/tabletop/step1.py'
rows = [
    dict(
        name='200 videos',
        config=config,
        seeds=(0, 1, 2),
        # The test that follows scores a training, so the training need not.
        options=['train_cfg.val_begin=1000'],
    ),
    # The checkpoint of step1_600_videos.py that comes with the code.
    dict(
        name='600 videos, as shipped',
        config=config,
        checkpoint='checkpoints/4dllm/tabletop_step1.safetensors',
    ),
    dict(name='untrained', config=config, checkpoint='none'),
    dict(
        name='frequency baseline, ground-truth tubes and names',
        predictions='outputs/benchmark/frequency.json',
    ),
]
groups = dict(videos=tuple(range(len(rows))))

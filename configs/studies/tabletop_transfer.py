# 2D-to-4D transfer on Tabletop-4D (paper, Tables 2, 3 and 5): each row ends with 4D
# scenes, and what goes before differs. Rows share the steps that they have in common.
#
#   python tools/analysis_tools/run_study.py configs/studies/tabletop_transfer.py
#   python tools/analysis_tools/make_results.py
#
# What it reads is made by the commands in docs/training.md.
ground_truth = 'outputs/held_out/val.json'
baseline = 'outputs/held_out/frequency.json'

folder = 'configs/4dllm/tabletop/'
estimators = 'model.scene_transcender.checkpoints.'
# The test that follows scores a training, so the training need not. Estimators have no
# other test.
short = ['train_cfg.val_begin=1000']


def step(name, options=(), **loads):
    """Return the run of a config, and what it loads."""
    if not name.startswith('step2'):
        options = [*short, *options]
    return dict(config=f'{folder}{name}.py', options=options, loads=loads)


step2 = {
    f'{estimators}depth_estimator': 'step2a',
    f'{estimators}rgb_temporal_estimator': 'step2b',
    f'{estimators}depth_temporal_estimator': 'step2c',
}
runs = dict(
    step1=step('step1_scarce'),
    step2a=step('step2a'),
    step2b=step('step2b'),
    step2c=step('step2c', **{f'{estimators}rgb_temporal_estimator': 'step2b'}),
    step3=step('step3', load_from='step1', **step2),
    step4=step('step4', load_from='step3'),
    step5=step('step5', load_from='step4'),
    # As much of PSG4D as the others have.
    step1_step5=step('step5', load_from='step1'),
    step3_wo_step2=step('step3_wo_step2', load_from='step1'),
    step4_wo_step2=step('step4', load_from='step3_wo_step2'),
    step5_wo_step2=step('step5', load_from='step4_wo_step2'),
    step4_wo_step3=step('step4_wo_step3', load_from='step1', **step2),
    step5_wo_step3=step('step5', load_from='step4_wo_step3'),
    step4_direct=step('step4_direct', load_from='step1'),
    step5_direct=step('step5', load_from='step4_direct'),
)
seeds = (0, 1, 2)
rows = [
    dict(name='4D-LLM', run='step5', seeds=seeds),
    dict(name='base: step 1', run='step1', seeds=seeds),
    dict(name='step 1, then step 5', run='step1_step5', seeds=seeds),
    dict(name='w/o step 2', run='step5_wo_step2', seeds=seeds),
    dict(name='w/o step 3', run='step5_wo_step3', seeds=seeds),
    dict(name='2D directly', run='step5_direct', seeds=seeds),
]
groups = dict(transfer=(0, 1, 2, 3, 4, 5))

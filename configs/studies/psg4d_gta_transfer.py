# The five steps on PSG4D-GTA at the paper's sizes, and the ablations of Tables 3, 5, 6
# and 11.
#
#   python tools/export_scene_graphs.py --dataset psg4d_gta --data-root data/psg4d_gta \
#       --split test --out outputs/psg4d_gta_test.json
#   bash tools/train_all.sh configs/studies/psg4d_gta_transfer.py --gpus 8
ground_truth = 'outputs/psg4d_gta_test.json'

folder = 'configs/4dllm/'
estimators = 'model.scene_transcender.checkpoints.'
step2 = {
    f'{estimators}depth_estimator': 'step2a',
    f'{estimators}rgb_temporal_estimator': 'step2b',
    f'{estimators}depth_temporal_estimator': 'step2c',
}


def step(name, **loads):
    """Return the run of a config, and what it loads."""
    return dict(config=f'{folder}{name}.py', loads=loads)


runs = dict(
    step1=step('step1_psg4d-gta'),
    step2a=step('step2a_diml'),
    step2b=step('step2b_ag'),
    step2c=step('step2c_psg4d', **{f'{estimators}rgb_temporal_estimator': 'step2b'}),
    step3=step('step3_psg4d-gta', load_from='step1', **step2),
    step4=step('step4_vg_psg', load_from='step3'),
    step5=step('step5_psg4d-gta', load_from='step4'),
    step3_wo_step2=step('ablations/step3_psg4d-gta_wo_step2', load_from='step1'),
    step4_wo_step2=step('step4_vg_psg', load_from='step3_wo_step2'),
    step5_wo_step2=step('step5_psg4d-gta', load_from='step4_wo_step2'),
    step4_wo_step3=step('ablations/step4_vg_psg_wo_step3', load_from='step1', **step2),
    step5_wo_step3=step('step5_psg4d-gta', load_from='step4_wo_step3'),
    step4_direct_vg=step('ablations/step4_direct_vg', load_from='step1'),
    step5_direct_vg=step('step5_psg4d-gta', load_from='step4_direct_vg'),
    step4_direct_ag=step('ablations/step4_direct_ag', load_from='step1'),
    step5_direct_ag=step('step5_psg4d-gta', load_from='step4_direct_ag'),
    step4_direct_3d=step('ablations/step4_direct_3d', load_from='step1'),
    step5_direct_3d=step('step5_psg4d-gta', load_from='step4_direct_3d'),
    step4_3d=step('ablations/step4_3d', load_from='step3'),
    step5_3d=step('step5_psg4d-gta', load_from='step4_3d'),
    step4_video=step('ablations/step4_video_ag', load_from='step3'),
    step5_video=step('step5_psg4d-gta', load_from='step4_video'),
    step3_zero_shot=step('ablations/step3_psg4d-gta_zero_shot', **step2),
    step4_zero_shot=step(
        'ablations/step4_vg_psg_zero_shot',
        **dict.fromkeys(step2, 'step3_zero_shot'),
    ),
)
rows = [
    dict(name='4D-LLM', run='step5'),
    dict(name='w/o V2-4-VST (base)', run='step1'),
    dict(name='w/o step 2', run='step5_wo_step2'),
    dict(name='w/o step 3', run='step5_wo_step3'),
    dict(name='2D directly (Table 5)', run='step5_direct_vg'),
    dict(name='video directly (Table 5)', run='step5_direct_ag'),
    dict(name='3D directly (Table 5)', run='step5_direct_3d'),
    dict(name='from video (Table 6)', run='step5_video'),
    dict(name='from 3D (Table 6)', run='step5_3d'),
    dict(name='w/o PSG4D labels (Table 11)', run='step4_zero_shot'),
]
groups = dict(transfer=tuple(range(10)))

# Ablation (Table 6, "video"): step 4 begins with clips of Action Genome, whose depth
# F_de estimates; the other estimators are not needed.
#
# Step 5 follows: row "from video" of configs/studies/psg4d_gta_transfer.py.
_base_ = ['./step4_direct_ag.py', '../../_base_/models/scene_transcender.py']

load_from = 'work_dirs/step3_psg4d-gta/epoch_100.pth'
model = dict(
    scene_transcender=dict(**_base_.scene_transcender, trains=[]),
    train_given='video',
    test_given='video',
)

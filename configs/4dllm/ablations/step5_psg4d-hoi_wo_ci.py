# Ablation (Table 3, "w/o CI"): the graph is written in one answer, without chained
# inference. Nothing else differs; test the checkpoint of step5_psg4d-hoi.py with it.
#
#   python tools/test.py configs/4dllm/ablations/step5_psg4d-hoi_wo_ci.py CHECKPOINT
_base_ = [
    '../../_base_/models/four_d_llm.py',
    '../../_base_/datasets/psg4d_hoi.py',
    '../../_base_/schedules/step1.py',
    '../../_base_/default_runtime.py',
    '../../_base_/cameras.py',
]

load_from = 'work_dirs/step4_vg_psg_hoi/epoch_3.pth'
model = dict(
    scene_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_hoi']),
    scene_graph_head=dict(
        text_format=dict(
            _base_.model.scene_graph_head.direct_text_format, _delete_=True
        ),
        direct_text_format=None,
        # One answer has the room of four.
        max_answer_tokens=2048,
    ),
)

# As in step 1.
train_cfg = dict(max_epochs=20, val_interval=20)

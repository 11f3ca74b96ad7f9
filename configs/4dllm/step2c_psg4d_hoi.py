# Step 2c of 4D-LLM on the way to PSG4D-HOI: as step2c_psg4d.py, with HOI's camera.
#
#   python tools/train.py configs/4dllm/step2c_psg4d_hoi.py
_base_ = ['./step2c_psg4d.py']

model = dict(frame_encoder=dict(depth_to_disparity=_base_.cameras['psg4d_hoi']))
val_dataloader = dict(
    dataset=dict(type='PSG4DHOIDataset', data_root='data/psg4d_hoi/', split='val')
)
test_dataloader = val_dataloader

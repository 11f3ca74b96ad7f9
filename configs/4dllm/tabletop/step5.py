# Step 5 on Tabletop-4D: step 1 again from step 4's checkpoint.
#
#   python tools/train.py configs/4dllm/tabletop/step5.py
_base_ = ['./step1_scarce.py']

work_dir = 'work_dirs/tabletop/step5'
load_from = 'work_dirs/tabletop/step4/epoch_3.pth'

# As step1.py on 8 videos of a world with categories and predicates that no foundation
# weights have seen, so that labelled 4D scenes are scarce beside labelled pictures:
# what 2D-to-4D transfer (step2a.py to step5.py) is measured against.
#
#   python tools/make_tabletop.py --held-out --seed 3 --train 8 --test 20 --unseen 0 \
#       --out data/tabletop_held_out
#   python tools/train.py configs/4dllm/tabletop/step1_scarce.py
_base_ = ['./step1.py']

work_dir = 'work_dirs/tabletop/step1_scarce'
published_checkpoint = None
# On CPUs padding costs as much as text.
model = dict(scene_graph_head=dict(pad_texts=False))
data_root = 'data/tabletop_held_out/psg4d_gta/'
train_dataloader = dict(dataset=dict(data_root=data_root))
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = val_dataloader

# What is new has to be learned, so the rates are those of Table 9.
optim_wrapper = dict(optimizer=dict(lr=5e-4))
max_epochs = 24
train_cfg = dict(max_epochs=max_epochs, val_interval=max_epochs)

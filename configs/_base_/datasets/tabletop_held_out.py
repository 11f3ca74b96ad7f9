# Tabletop-4D with categories and predicates that no foundation weights have seen.
#
#   python tools/make_tabletop.py --held-out --seed 3 --train 8 --test 20 --unseen 0 \
#       --out data/tabletop_held_out
_base_ = ['./tabletop.py']

data_root = 'data/tabletop_held_out/psg4d_gta/'
train_dataloader = dict(dataset=dict(data_root=data_root))
val_dataloader = dict(dataset=dict(data_root=data_root))
test_dataloader = val_dataloader

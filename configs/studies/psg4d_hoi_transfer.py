# The five steps on PSG4D-HOI at the paper's sizes, and the ablations of Tables 3, 5, 6
# and 11: as psg4d_gta_transfer.py, with what is HOI's own in place of GTA's.
#
#   python tools/export_scene_graphs.py --dataset psg4d_hoi --data-root data/psg4d_hoi \
#       --split val --out outputs/psg4d_hoi_val.json
#   bash tools/train_all.sh configs/studies/psg4d_hoi_transfer.py --gpus 8
_base_ = ['./psg4d_gta_transfer.py']

ground_truth = 'outputs/psg4d_hoi_val.json'

own = {
    'psg4d-gta': 'psg4d-hoi',
    'step2c_psg4d': 'step2c_psg4d_hoi',
    'step4_vg_psg_zero_shot': 'step4_vg_psg_hoi_zero_shot',
}


def of_hoi(config):
    """Return the config of HOI that is what this one is of GTA."""
    for gta, hoi in own.items():
        config = config.replace(gta, hoi)
    return config


runs = {
    name: dict(config=of_hoi(run['config']), loads=run['loads'])
    for name, run in _base_.runs.items()
}

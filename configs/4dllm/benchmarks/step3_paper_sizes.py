# Step 3, the dearest one, at the paper's sizes with random weights: as
# step1_paper_sizes.py, with the estimators and the losses of Eq. 7.
#
#   python tools/make_tabletop.py --out data/tabletop
#   python tools/analysis_tools/benchmark_training.py \
#       configs/4dllm/benchmarks/step3_paper_sizes.py --batch-sizes 1 2 --frames 8 16
_base_ = ['./step1_paper_sizes.py', '../../_base_/models/scene_transcender.py']

work_dir = 'work_dirs/benchmarks/step3_paper_sizes'
model = dict(scene_transcender=_base_.scene_transcender, **_base_.step3)
optim_wrapper = _base_.step3_rates

# DeepSpeed's ZeRO, in three stages: 1 partitions the optimizer's state over the
# processes, 2 gradients too, 3 weights too. A config takes one with
#
#   _base_ = ['./step1_psg4d-gta.py', '../_base_/strategies/zero.py']
#   runner_type = 'SceneGraphFlexibleRunner'
#   strategy = _base_.zero2
zero1 = dict(type='SceneGraphDeepSpeedStrategy', zero_optimization=dict(stage=1))
zero2 = dict(
    type='SceneGraphDeepSpeedStrategy',
    zero_optimization=dict(stage=2, overlap_comm=True, contiguous_gradients=True),
)
zero3 = dict(
    type='SceneGraphDeepSpeedStrategy',
    zero_optimization=dict(stage=3, overlap_comm=True, contiguous_gradients=True),
)

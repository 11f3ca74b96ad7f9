# DeepSpeed's ZeRO, stage 1: the optimizer's state is partitioned over the processes. Of
# use with runner_type = 'SceneGraphFlexibleRunner'.
strategy = dict(type='SceneGraphDeepSpeedStrategy', zero_optimization=dict(stage=1))

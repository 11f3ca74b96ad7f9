# DeepSpeed's ZeRO, stage 3: as zero2.py, and weights are partitioned, too.
strategy = dict(
    type='SceneGraphDeepSpeedStrategy',
    zero_optimization=dict(stage=3, overlap_comm=True, contiguous_gradients=True),
)

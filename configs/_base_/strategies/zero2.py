# DeepSpeed's ZeRO, stage 2: as zero1.py, and gradients are partitioned, too.
strategy = dict(
    type='SceneGraphDeepSpeedStrategy',
    zero_optimization=dict(stage=2, overlap_comm=True, contiguous_gradients=True),
)

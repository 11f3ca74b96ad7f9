# What every run of the mini 4D-LLM shares.
_base_ = ['./default_runtime.py']

# What tools/infer.py takes where nothing has been trained.
published_checkpoint = None
# Of the published checkpoint, by tools/analysis_tools/calibrate_scores.py.
visualizer = dict(least_scores=dict(objects=0.493, relations=0.166))

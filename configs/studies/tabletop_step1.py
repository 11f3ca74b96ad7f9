# Step 1 on Tabletop-4D. "results": the mini model at the quick start's length in three
# seeds and six times as long, beside what it has to beat. "ablation": one part changed
# in each row, and in the last all that the paper has otherwise, read against the spread
# of the three seeds.
#
#   bash tools/quickstart.sh
#   python tools/analysis_tools/run_study.py configs/studies/tabletop_step1.py
#   python tools/analysis_tools/make_results.py
ground_truth = 'outputs/quickstart/val.json'
baseline = 'outputs/quickstart/frequency.json'

folder = 'configs/4dllm/tabletop/'
# The test that follows scores a run, so the training need not.
short = ['train_cfg.val_begin=1000']
# One part changed in each.
parts = {
    'sum in place of the SA-Gate': 'sum',
    'all tokens, none merged': 'all_tokens',
    'without depth': 'no_depth',
    'without memory in training': 'no_memory',
    'LoRA in place of full tuning': 'lora',
    '[Obj] at the first mention': 'marked_once',
    'form of the paper': 'paper_form',
}
rows = [
    dict(
        name='4D-LLM mini', config=folder + 'step1.py', seeds=(0, 1, 2), options=short
    ),
    dict(
        name='4D-LLM mini, six times as long',
        config=folder + 'step1_hour.py',
    ),
    dict(name='from random weights', config=folder + 'step1_scratch.py', options=short),
    dict(name='SmolLM2-135M', config=folder + 'step1_smollm2.py', options=short),
    dict(name='untrained', config=folder + 'step1.py', checkpoint='none'),
    dict(
        name='frequency baseline, ground-truth tubes and categories',
        predictions='outputs/quickstart/frequency.json',
    ),
    *(
        dict(
            name=name,
            config=f'{folder}step1_{part}.py',
            options=short,
        )
        for name, part in parts.items()
    ),
]
# Rows of each group of tables, by their place above.
groups = dict(results=(0, 1, 2, 3, 4, 5), ablation=(0, 6, 7, 8, 9, 10, 11, 12))

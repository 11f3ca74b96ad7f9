# What rows of a study on Tabletop-4D are scored against; tools/benchmark_all.sh --only
# world makes it.
ground_truth = 'outputs/benchmark/val.json'
# Videos with labels that no training video has (Table 7), and how often training videos
# have a label of each group (Table 8); the paper tells no numbers.
unseen = 'outputs/benchmark/unseen.json'
train = 'outputs/benchmark/train.json'
baseline = 'outputs/benchmark/frequency.json'
label_groups = dict(head=60, body=30, tail=0)
# One video at a time, so that seconds compare.
test_options = [
    'test_dataloader.dataset.split=val+unseen',
    'test_dataloader.batch_size=1',
]

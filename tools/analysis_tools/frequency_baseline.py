"""Predict with the frequency baseline, given ground-truth tubes and categories.

python tools/analysis_tools/frequency_baseline.py --train TRAIN.json --test TEST.json
    --out PRED.json
"""

import argparse

from mmfourdpsg.analysis.frequency_baseline import FrequencyBaseline
from mmfourdpsg.structures import load_ground_truth, save_scene_graphs
from mmfourdpsg.utils import exit_on_input_error


@exit_on_input_error
def main() -> None:
    """Fit on the training graphs and predict the test graphs."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--train', required=True, help='ground truth for statistics')
    parser.add_argument('--test', required=True, help='ground truth to predict')
    parser.add_argument('--out', required=True, help='predictions, JSON')
    args = parser.parse_args()
    model = FrequencyBaseline().fit(load_ground_truth(args.train))
    graphs = load_ground_truth(args.test)
    save_scene_graphs(map(model.predict, graphs), args.out)
    print(f'{args.out}: predictions for {len(graphs)} videos')


if __name__ == '__main__':
    main()

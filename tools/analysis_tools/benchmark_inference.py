"""What whole videos cost, against generation that begins afresh in each turn.

    python tools/analysis_tools/benchmark_inference.py \
        configs/4dllm/tabletop/step1_chained.py CHECKPOINT --videos 3 --samples 8
    python tools/analysis_tools/benchmark_inference.py CONFIG --text-only --out a.json

The same videos are predicted in turns as the config has it (one cache for all turns and
samples, and objects that are one thing followed once, where it has a selector) and by a
reference that generates each turn of each sample anew, looks at whole conversations
once more (FreshDecoder) and follows every object that is named. Both draw the same
random numbers and write the same tokens, but where rounding decides. Times are medians
over --repeats, and grammars are compiled anew in each. What the graphs of both score
stands beside. Without a checkpoint weights are random.
"""

import argparse
import dataclasses
import json
import math
import sys
from pathlib import Path

import torch
from mmengine.dataset import pseudo_collate
from mmengine.logging import MMLogger

import mmfourdpsg  # noqa: F401  (registers everything)
from mmfourdpsg.analysis.profiling.device_probes import (
    peak_memory,
    read_rate,
    reset_peak_memory,
)
from mmfourdpsg.analysis.profiling.fresh_decoder import FreshDecoder
from mmfourdpsg.analysis.profiling.inference_cost import (
    DecodingWork,
    PartSeconds,
    VideoPrediction,
    weight_bytes,
)
from mmfourdpsg.apis import SceneGraphInferencer
from mmfourdpsg.engine.launch import ConfigOptions, read_config
from mmfourdpsg.evaluation.scores import score_scene_graphs
from mmfourdpsg.models.frameworks.four_d_llm import FourDLLM
from mmfourdpsg.registry import DATASETS
from mmfourdpsg.structures import SceneGraphDataSample
from mmfourdpsg.utils import InputError, atomic_write, exit_on_input_error

FRESH, CACHED = 'fresh', 'one cache'


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help='config of a 4D-LLM')
    parser.add_argument('checkpoint', nargs='?', help='random weights if left out')
    parser.add_argument('--videos', type=int, default=2, help='the first of the test')
    parser.add_argument(
        '--samples', type=int, help="answers of each; the config's if left out"
    )
    parser.add_argument('--repeats', type=int, default=3)
    parser.add_argument(
        '--text-only', action='store_true', help='leave out the mask tubes'
    )
    parser.add_argument('--seed', type=int, default=0)
    parser.add_argument(
        '--device', default='cuda' if torch.cuda.is_available() else 'cpu'
    )
    parser.add_argument('--cfg-options', nargs='+', action=ConfigOptions)
    parser.add_argument('--out', help='also write the figures to this JSON file')
    args = parser.parse_args()
    for name in ('videos', 'samples', 'repeats'):
        value = getattr(args, name)
        if value is not None and value < 1:
            parser.error(f'--{name}: expected at least 1')
    return args


def build_model(args: argparse.Namespace) -> tuple[FourDLLM, list[dict]]:
    """Return the model and the videos."""
    config = read_config(args.config, args.cfg_options)
    if config.get('model', {}).get('type') != 'FourDLLM':
        raise InputError(f'{args.config}: its model is no FourDLLM')
    if args.samples is not None:
        config.model.scene_graph_head.num_samples = args.samples
    # What it is compared with has neither.
    config.model.scene_graph_head.setdefault('decoder', {}).update(
        object_vote=None, search=None
    )
    # How each weight was initialised fills pages.
    MMLogger.get_instance('benchmark_inference', log_level='ERROR')
    torch.manual_seed(args.seed)
    inferencer = SceneGraphInferencer(
        config,
        args.checkpoint,
        args.device,
        untrained=args.checkpoint is None,
        build=False,
    )
    # A processor takes minutes to sample billions of random weights.
    with torch.device(args.device):
        model = inferencer.build()
    dataset = DATASETS.build(config.test_dataloader.dataset)
    count = min(args.videos, len(dataset))
    return model, [pseudo_collate([dataset[index]]) for index in range(count)]


def compare_work(
    prediction: VideoPrediction,
    decoders: dict,
    videos: list[dict],
    seed: int,
    with_tubes: bool,
) -> tuple[dict[str, DecodingWork], float]:
    """Return what each decoder does a video, and the share of equal conversations."""
    totals = {name: DecodingWork() for name in decoders}
    equal = []
    for batch in videos:
        said = []
        for name, decoder in decoders.items():
            torch.manual_seed(seed)
            work, ids = prediction.work(decoder, batch, with_tubes, name == FRESH)
            for key, value in dataclasses.asdict(work).items():
                total = getattr(totals[name], key)
                setattr(totals[name], key, total + value / len(videos))
            said.append(ids)
        equal += [one == other for one, other in zip(*said, strict=True)]
    return totals, sum(equal) / len(equal)


def measure(
    prediction: VideoPrediction,
    decoders: dict,
    videos: list[dict],
    args: argparse.Namespace,
) -> tuple[dict[str, PartSeconds], dict[str, float], dict[str, list]]:
    """Return the seconds a video of each decoder, the peak of memory in GB, samples."""
    found: dict[str, list[SceneGraphDataSample]] = {}
    rows: dict[str, list[PartSeconds]] = {name: [] for name in decoders}
    peaks = dict.fromkeys(decoders, 0.0)
    for turn in range(args.repeats):
        for name, decoder in decoders.items():
            prediction.forget()
            reset_peak_memory(args.device)
            times, found[name] = [], []
            for batch in videos:
                torch.manual_seed(args.seed)
                seconds, samples = prediction.time(
                    decoder, batch, not args.text_only, name == FRESH
                )
                times.append(seconds)
                found[name] += samples
            mean = (sum(part) / len(videos) for part in zip(*times, strict=True))
            rows[name].append(PartSeconds(*mean))
            told = ', '.join(
                f'{part} {value:.2f} s'
                for part, value in rows[name][-1]._asdict().items()
                if value
            )
            print(f'{turn + 1} of {args.repeats}, {name}: {told}')
            peaks[name] = max(peaks[name], peak_memory(args.device))
    seconds = {name: PartSeconds.median(found) for name, found in rows.items()}
    return seconds, peaks, found


def quality(samples: list[SceneGraphDataSample]) -> dict[str, float]:
    """Return what the predicted graphs score in percent, nothing without annotation."""
    if any('gt_scene_graph' not in sample for sample in samples):
        return {}
    if any('pred_scene_graph' not in sample for sample in samples):
        return {}
    scores = score_scene_graphs(
        [sample.gt_scene_graph for sample in samples],
        [sample.pred_scene_graph for sample in samples],
        masks=True,
    )
    values = {
        'R@20': scores.recall.metrics['R@20'],
        'R@100': scores.recall.metrics['R@100'],
        'objects found': scores.parts.object_recall,
        'objects right': scores.parts.object_precision,
        'VPQ': scores.masks['VPQ'],
    }
    # JSON has no "not a number".
    return {name: value for name, value in values.items() if not math.isnan(value)}


def report(figures: dict) -> None:
    """Print all figures."""
    fresh, cached = (figures[name] for name in (FRESH, CACHED))
    print(
        f'{figures["videos"]} videos, {figures["samples"]} samples, '
        f'{figures["repeats"]} times in turns; {figures["device"]}, '
        f'{figures["threads"]} threads'
    )
    print(f'{"":>22} {FRESH:>10} {CACHED:>10} {"ratio":>7}')
    for name in (*PartSeconds._fields, 'total'):
        before, after = (row['seconds'][name] for row in (fresh, cached))
        if after:
            print(
                f'{name + ", s a video":>22} {before:10.3f} {after:10.3f} '
                f'{before / after:7.2f}'
            )
    for key, what in (
        ('free', 'free tokens a video'),
        ('forced', 'forced tokens'),
        ('steps', 'steps'),
        ('width', 'places a step'),
        ('objects', 'objects a video'),
        ('followed', 'followed of them'),
        ('peak_memory_gb', 'peak memory, GB'),
    ):
        print(f'{what:>22} {fresh[key]:10.1f} {cached[key]:10.1f}')
    for key in (key for key in fresh['quality'] if key in cached['quality']):
        values = (row['quality'][key] for row in (fresh, cached))
        print(f'{key + ", %":>22} ' + ' '.join(f'{value:10.2f}' for value in values))
    print(
        f'{figures["equal_conversations"]:.0%} of the conversations have the same '
        'tokens'
    )
    print(
        f'a step takes {cached["step_ms"]:.2f} ms ({fresh["step_ms"]:.2f} ms {FRESH}), '
        f'{cached["step_ms"] / figures["weights_ms"]:.1f} times the '
        f'{figures["weights_ms"]:.3f} ms that reading '
        f'{figures["weights_mb"]:.0f} MB of weights takes at '
        f'{figures["read_gb_a_second"]:.1f} GB/s'
    )


@exit_on_input_error
def main() -> None:
    """Measure and print."""
    args = parse_args()
    # A pipe would keep what is told until the end.
    sys.stdout.reconfigure(line_buffering=True)
    model, videos = build_model(args)
    decoder = model.scene_graph_head.decoder
    decoders = {FRESH: FreshDecoder(decoder), CACHED: decoder}
    prediction = VideoPrediction(model, args.device)
    work, equal = compare_work(
        prediction, decoders, videos, args.seed, not args.text_only
    )
    seconds, peaks, samples = measure(prediction, decoders, videos, args)
    size, rate = weight_bytes(decoder.language_model), read_rate(args.device)
    figures = dict(
        config=args.config,
        checkpoint=args.checkpoint,
        device=args.device,
        threads=torch.get_num_threads(),
        videos=len(videos),
        samples=decoder.num_samples,
        repeats=args.repeats,
        equal_conversations=equal,
        weights_mb=size / 1e6,
        read_gb_a_second=rate / 1e9,
        weights_ms=size / rate * 1e3,
    )
    for name in decoders:
        figures[name] = dict(
            dataclasses.asdict(work[name]),
            width=work[name].width,
            seconds=dict(seconds[name]._asdict(), total=seconds[name].total),
            step_ms=seconds[name].text / work[name].steps * 1e3,
            peak_memory_gb=peaks[name],
            quality=quality(samples[name]),
        )
    report(figures)
    if args.out:
        with atomic_write(Path(args.out)) as path:
            path.write_text(json.dumps(figures, indent=1) + '\n', encoding='utf-8')


if __name__ == '__main__':
    main()

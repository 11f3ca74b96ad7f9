"""Bad inputs of the tools that measure, explain, convert and publish."""

from bad_input import BadInput

ANALYSIS, CONVERTERS = 'tools/analysis_tools', 'tools/model_converters'
STEP_1 = 'configs/4dllm/tabletop/step1.py'
EMPTY = '{"info": {"format": "mmfourdpsg/scene-graph", "version": 1}, "videos": []}'


def _texts(**contents):
    """Return what writes text files, by their names without ``.json``."""

    def make(folder):
        for name, text in contents.items():
            (folder / f'{name}.json').write_text(text, encoding='utf-8')

    return make


def _case(name, says, tool, *arguments, make=None, **options):
    options |= dict(make=make) if make else {}
    return BadInput(name, (tool, *arguments), says, **options)


GT_AND_PRED = ('--gt', '{folder}/gt.json', '--pred', '{folder}/pred.json')
CASES = [
    _case(
        'calibration without ground truth', 'gt.json: cannot be read',
        f'{ANALYSIS}/calibrate_scores.py', *GT_AND_PRED,
    ),
    _case(
        'calibration on no predictions', 'holds no object',
        f'{ANALYSIS}/calibrate_scores.py', *GT_AND_PRED,
        make=_texts(gt=EMPTY, pred=EMPTY),
    ),
    _case(
        'calibration tried on half a pair', 'expected both',
        f'{ANALYSIS}/calibrate_scores.py', *GT_AND_PRED, '--test-gt', 'gt.json',
    ),
    _case(
        'calibration tried on parts and on other videos', 'no --test-gt',
        f'{ANALYSIS}/calibrate_scores.py', *GT_AND_PRED, '--folds', '3',
        '--test-gt', 'gt.json', '--test-pred', 'pred.json',
    ),
    _case(
        'ceiling of text of a model that writes none', 'with a scene_graph_head',
        f'{ANALYSIS}/ceilings.py', 'text', 'configs/4dllm/tabletop/step2a.py',
    ),
    _case(
        'comparison of predictions with nothing', 'one name, expected two',
        f'{ANALYSIS}/compare_predictions.py', '--gt', '{folder}/gt.json',
        'mine={folder}/pred.json', make=_texts(gt=EMPTY, pred=EMPTY),
    ),
    _case(
        'recall of a file that is none', 'pred.json: is not valid JSON',
        f'{ANALYSIS}/explain_recall.py', *GT_AND_PRED, '--out', '{folder}/why',
        make=_texts(gt=EMPTY, pred='{"info": '),
    ),
    _case(
        'texts of a config that is missing', 'nowhere.py',
        f'{ANALYSIS}/explain_text.py', '{folder}/nowhere.py', 'none',
    ),
    _case(
        'texts in a group without labels', 'expected NAME=LABEL,LABEL',
        f'{ANALYSIS}/explain_text.py', STEP_1, 'none', '--group', 'rare=',
    ),
    _case(
        'tubes of a checkpoint that is missing', 'nothing.pth',
        f'{ANALYSIS}/explain_tubes.py', STEP_1, '{folder}/nothing.pth',
    ),
    _case(
        'baseline of a training set that is missing', 'train.json: cannot be read',
        f'{ANALYSIS}/frequency_baseline.py', '--train', '{folder}/train.json',
        '--test', '{folder}/test.json', '--out', '{folder}/out.json',
    ),
    _case(
        'loading speed of a config that is missing', 'nowhere.py',
        f'{ANALYSIS}/benchmark_dataloader.py', '{folder}/nowhere.py',
    ),
    _case(
        'training speed of a config that is missing', 'nowhere.py',
        f'{ANALYSIS}/benchmark_training.py', '{folder}/nowhere.py',
    ),
    _case(
        'masks by a config that is missing', 'nowhere.py',
        'tools/dataset_converters/vg_boxes_to_masks.py', '{folder}/nowhere.py',
        '--data-root', '{folder}', '--split', 'train',
    ),
    _case(
        'a DeepSpeed checkpoint that is missing', 'nothing',
        f'{CONVERTERS}/deepspeed_to_plain.py', '{folder}/nothing', '{folder}/out.pth',
    ),
    _case(
        'name embeddings of weights that are missing', 'nothing.safetensors',
        f'{CONVERTERS}/export_name_embeddings.py',
        'configs/foundation/tabletop/imagebind_mini.py', '{folder}/nothing.safetensors',
        '--out', '{folder}/out.safetensors',
    ),
    _case(
        'the card of a folder without weights', 'no weights',
        f'{CONVERTERS}/make_model_card.py', '{folder}',
    ),
    _case(
        'publishing a checkpoint that is missing', 'nothing.pth',
        f'{CONVERTERS}/publish_checkpoint.py', STEP_1, '{folder}/nothing.pth',
        '--out', '{folder}/out.safetensors',
    ),
    _case(
        'publishing a run that is missing', 'nothing',
        f'{CONVERTERS}/publish_foundation.py',
        'configs/foundation/tabletop/tiny_llama.py', '{folder}/nothing',
        '--out', '{folder}/out',
    ),
]  # fmt: skip

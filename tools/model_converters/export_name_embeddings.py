"""Export means and covariances of an encoder's features by category name.

Example:
python tools/model_converters/export_name_embeddings.py
    configs/foundation/tabletop/imagebind_mini.py
    checkpoints/tabletop/imagebind_mini.safetensors
    --out work_dirs/foundation/imagebind_mini/names.safetensors

It goes through the training data of the config once.
"""

import argparse

import torch
from mmengine.logging import MMLogger
from mmengine.registry import init_default_scope
from mmengine.runner import Runner

from mmfourdpsg.engine.launch import read_config
from mmfourdpsg.pretraining.imagebind.name_statistics import NameStatistics
from mmfourdpsg.registry import MODELS
from mmfourdpsg.utils import exit_on_input_error
from mmfourdpsg.utils.dataset_configs import data_roots
from mmfourdpsg.utils.weight_files import load_metadata


def parse_args() -> argparse.Namespace:
    """Return the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('config', help="config of the encoders' pretraining")
    parser.add_argument('weights', help='what was published of it (.safetensors)')
    parser.add_argument('--out', required=True, help='file to write (.safetensors)')
    return parser.parse_args()


@exit_on_input_error
def main() -> None:
    """Run the tool.

    Raises:
        InputError: The weights are not those of the config's encoders.
    """
    args = parse_args()
    config = read_config(args.config)
    init_default_scope(config.default_scope)
    torch.manual_seed(0)
    config.model.rgb_encoder.checkpoint = args.weights
    config.model.depth_encoder.checkpoint = args.weights
    model = MODELS.build(config.model)
    model.init_weights()
    model.eval()
    loader = Runner.build_dataloader(config.train_dataloader, seed=0)
    statistics = NameStatistics(model.categories, model.rgb_encoder.embed_dims)
    logger = MMLogger.get_current_instance()
    with torch.no_grad():
        for number, data in enumerate(loader, start=1):
            features, objects = model.encode_objects(
                **model.data_preprocessor(data, training=False)
            )
            statistics.add(features, objects)
            if number % 20 == 0 or number == len(loader):
                logger.info(f'batch {number} of {len(loader)}')
    metadata = dict(
        config=args.config,
        data=data_roots(config.train_dataloader),
        date=load_metadata(args.weights).get('date', 'unknown'),
    )
    statistics.save(args.out, metadata)
    shown = int((statistics.counts > 0).sum())
    print(f'{args.out}: {shown} of {len(statistics.names)} names seen')


if __name__ == '__main__':
    main()

"""Config of the test data with its texts written as in training."""

from mmengine.config import Config


def text_dataset(config: Config) -> dict:
    """Return the config of the test data, its objects in the order of training.

    They are described, too, where those of the training are.
    """
    training = config.train_dataloader.dataset
    while 'datasets' in training or 'dataset' in training:
        training = training.datasets[0] if 'datasets' in training else training.dataset
    written = ('DescribeObjects', 'OrderObjects')
    order = [item for item in training.pipeline if item['type'] in written]
    *pipeline, pack = [
        # The order is read off the frames that the model sees.
        dict(item, frames='sampled') if item['type'] == 'LoadPanopticMasks' else item
        for item in config.test_dataloader.dataset.pipeline
    ]
    return dict(config.test_dataloader.dataset, pipeline=[*pipeline, *order, pack])

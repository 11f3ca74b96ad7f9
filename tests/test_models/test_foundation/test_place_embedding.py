import torch

from mmfourdpsg.models.foundation.object_prompts import mask_boxes
from mmfourdpsg.models.foundation.place_embedding import PlaceEmbedding, to_boxes
from mmfourdpsg.models.tube_decoders import SAM2TubeDecoder
from mmfourdpsg.utils.weight_file import save_weights


def test_boxes_are_centres_and_sides_in_shares():
    masks = torch.zeros(1, 16, 16)
    masks[0, 2:6, 4:12] = 1
    boxes = to_boxes(mask_boxes(masks), 16)
    torch.testing.assert_close(boxes, torch.tensor([[0.5, 0.25, 0.5, 0.25]]))


def test_near_places_have_near_embeddings():
    torch.manual_seed(0)
    place = PlaceEmbedding(16)
    boxes = torch.tensor([[0.5, 0.5, 0.2, 0.2]]).repeat(3, 1)
    boxes[1, 0] += 0.01
    boxes[2, 0] += 0.2
    same, near, far = place(boxes)
    assert (same - near).norm() < 0.3 * (same - far).norm()


def test_the_tube_decoder_begins_with_the_projector(tmp_path):
    linear = torch.nn.Linear(8, 256)
    path = tmp_path / 'alignment.safetensors'
    state = {f'prompt_projector.{k}': v for k, v in linear.state_dict().items()}
    save_weights(path, state, dtype=torch.float32)
    decoder = SAM2TubeDecoder(
        8,
        sam2=dict(
            image_size=64,
            trunk=dict(
                embed_dim=8,
                num_heads=1,
                stages=(1, 1, 1, 1),
                global_att_blocks=(2,),
                window_pos_embed_bkg_spatial_size=(4, 4),
                window_spec=(4, 2, 2, 2),
            ),
            embed_dims=256,
            memory_attention_layers=1,
        ),
        prompt_checkpoint=str(path),
    )
    decoder.init_weights()
    assert torch.equal(decoder.prompt_projector.weight, linear.weight)

"""Clouds of points of the objects and pairs of a video."""

from dataclasses import dataclass

import torch
from torch import Tensor

from mmfourdpsg.registry import TASK_UTILS


@dataclass
class ObjectPointClouds:
    """What a video shows of its objects and pairs in space.

    Shapes: ``N`` objects, ``E`` ordered pairs, ``P`` points of an object, ``Q`` points
    of a pair.

    Attributes:
        objects: ``[N, P, 3]``, centred, and scaled into the unit ball.
        known: bool ``[N]``, which objects have a point; the others' are 0.
        ends: Subject and object of each pair, int ``[E, 2]``: those with a known point
            in a common frame.
        pairs: ``[E, Q, 4]``: points in metres, centred, and whose each is: 1 the
            subject's, 2 the object's, 0 neither's.
    """

    objects: Tensor
    known: Tensor
    ends: Tensor
    pairs: Tensor


@TASK_UTILS.register_module()
class PointCloudSampler:
    """Picks points of objects and of pairs.

    An object is seen in the frame that shows most of it, a pair in that which shows
    most of the lesser one of the two: frames are not put together, since a camera may
    move. A pair's points are those in the box, parallel to the camera's axes, around
    both objects, whatever they belong to. Source: Wald et al. (CVPR 2020), section 4.1,
    whose boxes lose the points on their faces; here those count, so flat objects have
    points, too.

    Args:
        num_object_points: ``P``.
        num_pair_points: ``Q``.
        end_share: Share of a pair's points that are of the subject, and again of the
            object, at least. Of all points in the box those of a small thing on a large
            one may be none.

    Raises:
        ValueError: ``end_share`` is not in 0 to 0.5.
    """

    def __init__(
        self,
        num_object_points: int = 256,
        num_pair_points: int = 512,
        end_share: float = 0.25,
    ) -> None:
        if not 0 <= end_share <= 0.5:
            raise ValueError(f'end_share is {end_share}, expected 0 to 0.5')
        self.num_object_points = num_object_points
        self.num_pair_points = num_pair_points
        self.num_end_points = int(end_share * num_pair_points)

    def __call__(
        self, points: Tensor, masks: Tensor, random: bool = False
    ) -> ObjectPointClouds:
        """Pick the points.

        Args:
            points: ``[T, H, W, 3]`` metres, all 0 where unknown.
            masks: bool ``[N, T, H, W]``.
            random: Whether to pick at random; else evenly along the pixels.
        """
        space = points.flatten(1, 2)  # [T, HW, 3]
        known = space.ne(0).any(dim=-1)  # [T, HW]
        visible = masks.flatten(2) & known  # [N, T, HW]
        areas = visible.sum(dim=-1)  # [N, T]
        objects = space.new_zeros(len(masks), self.num_object_points, 3)
        frames = areas.argmax(dim=1) if areas.numel() else areas.new_zeros(len(areas))
        seen = areas.gt(0).any(dim=1)
        for number in seen.nonzero().flatten().tolist():
            frame = frames[number]
            cloud = space[frame, visible[number, frame]]
            objects[number] = cloud[_pick(len(cloud), self.num_object_points, random)]
        ends, pairs = self._pairs(space, known, visible, areas, random)
        return ObjectPointClouds(_normalise(objects), seen, ends, pairs)

    def _pairs(
        self, space: Tensor, known: Tensor, visible: Tensor, areas: Tensor, random: bool
    ) -> tuple[Tensor, Tensor]:
        found = []
        # The clouds of a pair and of its reverse differ in whose points are whose.
        for first in range(len(areas)):
            for second in range(first + 1, len(areas)):
                lesser, frame = torch.minimum(areas[first], areas[second]).max(dim=0)
                if lesser > 0:
                    cloud = self._pair(
                        space[frame],
                        known[frame],
                        visible[first, frame],
                        visible[second, frame],
                        random,
                    )
                    found += [((first, second), cloud), ((second, first), _swap(cloud))]
        found.sort(key=lambda row: row[0])
        ends = areas.new_tensor([row[0] for row in found], dtype=torch.long)
        pairs = space.new_zeros(len(found), self.num_pair_points, 4)
        for row, (_, cloud) in zip(pairs, found, strict=True):
            row[:] = cloud
        return ends.reshape(-1, 2), pairs

    def _pair(
        self, space: Tensor, known: Tensor, first: Tensor, second: Tensor, random: bool
    ) -> Tensor:
        """Return the points of a pair ``[Q, 4]`` in a frame of ``[HW, 3]``."""
        both = space[first | second]
        low, high = both.amin(dim=0), both.amax(dim=0)
        inside = known
        # Axis by axis, which is several times as fast as all at once.
        for axis, least, most in zip(space.unbind(dim=-1), low, high, strict=True):
            inside = inside & (axis >= least) & (axis <= most)  # [HW]
        counts = (self.num_end_points, self.num_end_points)
        counts = (*counts, self.num_pair_points - sum(counts))
        places = torch.cat(
            [
                mask.nonzero().flatten()[_pick(int(mask.sum()), count, random)]
                for mask, count in zip((first, second, inside), counts, strict=True)
            ]
        )  # [Q]
        # What both tubes cover is neither's, so that their order is all the same.
        whose = (first.int() + 2 * second.int())[places] % 3
        cloud = space[places]
        cloud = cloud - cloud.mean(dim=0)
        return torch.cat([cloud, whose[:, None].to(cloud.dtype)], dim=1)


def _pick(count: int, number: int, random: bool) -> Tensor:
    """Return ``number`` places among ``count``, with repetition where they are few."""
    if random:
        return torch.randint(count, (number,))
    return torch.linspace(0, count - 1, number).round().long()


def _swap(cloud: Tensor) -> Tensor:
    """Return a pair's cloud ``[Q, 4]`` as that of its reverse."""
    whose = cloud[:, 3:]
    return torch.cat([cloud[:, :3], torch.where(whose > 0, 3 - whose, whose)], dim=1)


def _normalise(clouds: Tensor) -> Tensor:
    """Centre clouds ``[N, P, 3]`` and scale them into the unit ball."""
    clouds = clouds - clouds.mean(dim=1, keepdim=True)
    radius = clouds.norm(dim=-1).amax(dim=1)[:, None, None]  # [N, 1, 1]
    return clouds / radius.clamp(min=1e-6)

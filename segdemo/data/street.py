"""A street in perspective, drawn by code, with its exact mask."""

from __future__ import annotations

import numpy as np

from segdemo.data.stage import SCALE, Stage, bar, disc, hazy, noise, photograph, tiles
from segdemo.tasks import TASKS

IDS = {name: i for i, name in enumerate(TASKS["street"].class_names)}
KERBS = (-2.6, 5.4)  # x of the road's edges: one drives on the left
WALLS = (-5.0, 9.0)  # x of the house fronts
FAR = 130.0  # z of the street's end
STONES = np.array([(104, 76, 62), (128, 108, 84), (134, 126, 112), (158, 152, 142), (96, 64, 54), (114, 96, 80)])
PAINTS = np.array([(44, 62, 92), (150, 152, 154), (112, 38, 36), (40, 44, 48), (92, 104, 108), (168, 166, 158)])
CLOTHES = np.array([(48, 54, 72), (104, 44, 46), (62, 72, 62), (84, 74, 62), (40, 40, 44), (132, 124, 112)])


def draw_sky(stage: Stage) -> None:
    height, width = stage.mask.shape
    down = np.clip(np.arange(height) / stage.centre[1], 0, 1)[:, None, None]
    clouds = noise(stage.rng, height, width, height / 3, height / 8, height / 20)
    stage.image[:] = np.array([206, 218, 232]) * (1 - down) + np.array([246, 249, 250]) * down + 8 * clouds
    stage.mask[:] = IDS["sky"]


def draw_ground(stage: Stage) -> None:
    """Road and raised pavements, in a far and a near stretch of different detail."""
    rng = stage.rng
    for z0, z1, step in ((14.0, FAR, 70 / stage.focal), (2.2, 14.0, 17 / stage.focal)):
        for left, right in (KERBS, (WALLS[0], KERBS[0]), (KERBS[1], WALLS[1])):
            h, w = int((z1 - z0) / step), int((right - left) / step)
            z = z1 - np.arange(h) * step
            ground = 6 * noise(rng, h, w, 0.7 / step, 2.4 / step) + 11 * noise(rng, h, w, 1, 0.03 / step)
            if (left, right) == KERBS:
                y, name, ground = 0.0, "road", ground + (84, 86, 90)
                worn = np.clip(0.75 + 0.3 * noise(rng, h, w, 0.03 / step, 0.3 / step), 0, 1)
                yellow = [(x, (186, 164, 90), z > 0) for x in (KERBS[0] + 0.25, KERBS[0] + 0.42, KERBS[1] - 0.4)]
                for x, color, rows in [*yellow, (1.45, (212, 212, 206), z % 6 < 3)]:
                    line = slice(int((x - left) / step), int((x - left + 0.1) / step) + 1)
                    ground[rows, line] += (color - ground[rows, line]) * worn[rows, line]
            else:
                y, name, ground = 0.12, "pavement", ground + (120, 115, 108) + 5 * tiles(rng, h, w, (z1 - z0) / 0.7, (right - left) / 0.6)
                ground[z % 0.7 < 0.02] -= 14
            stage.texture(hazy(ground, z[:, None, None]), [(left, y, z1), (right, y, z1), (right, y, z0), (left, y, z0)], name)
    for x, wall, inward in zip(KERBS, WALLS, (1, -1), strict=True):
        stage.polygon([(x, 0.12, 2.2), (x, 0.12, FAR), (x, 0, FAR), (x, 0, 2.2)], (128, 124, 118), "pavement")
        left, right = sorted((wall, wall + 0.8 * inward))
        stage.shadow(left, right, 4, FAR, 0.45, 0.12)


def house_front(rng: np.random.Generator, length: float, height: float, density: float) -> np.ndarray:
    """(h, w, 3) float32 at ``density`` pixels a metre: a shop, rows of windows above it, a cornice."""
    h, w = int(height * density), int(length * density)
    stone = rng.choice(STONES)
    wall = stone + 8 * tiles(rng, h, w, height / 0.08, length / 0.23) + 6 * noise(rng, h, w, 2 * density, 0.5 * density)

    def box(left, bottom, width, tall, color):
        wall[max(h - int((bottom + tall) * density), 0) : h - int(bottom * density), int(left * density) : int((left + width) * density)] = color

    def window(left, bottom, width, tall, frame):
        tone = rng.uniform(0.6, 1.5)
        box(left - 0.07, bottom - 0.07, width + 0.14, tall + 0.14, frame)
        box(left, bottom, width, tall, np.array((34, 38, 42)) * tone)
        box(left, bottom + tall * 0.55, width, tall * 0.45, np.array((66, 76, 86)) * tone)

    frame, shop, board = np.array((176, 172, 164)) * rng.uniform(0.5, 1.0), np.array((70, 66, 60)) * rng.uniform(0.5, 1.4), rng.choice(PAINTS) * 0.7
    box(0.15, 0, length - 0.3, 3.1, shop)
    box(0.15, 2.6, length - 0.3, 0.55, board)
    for left in np.arange(0.5, length - 1.6, 1.9):
        if rng.random() < 0.25:  # a door, otherwise a shop window
            box(left + 0.2, 0.05, 1.05, 2.3, board * 0.6)
            window(left + 0.4, 1.1, 0.65, 1.0, board * 0.8)
        else:
            window(left, 0.55, 1.6, 1.85, shop * 1.25)
    width, gap, bars = rng.uniform(0.9, 1.25), rng.uniform(1.0, 1.5), frame * 0.95
    for bottom in np.arange(4.0, height - 1.9, 2.9):
        for left in np.arange(0.9, length - width - 0.3, width + gap):
            window(left, bottom, width, 1.6, frame)
            box(left + width / 2 - 0.03, bottom, 0.06, 1.6, bars)
            box(left, bottom + 0.85, width, 0.06, bars)
            box(left - 0.12, bottom - 0.2, width + 0.24, 0.12, bars)
    box(0, height - 0.5, length, 0.5, stone * 0.75)
    box(0, height - 0.3, length, 0.18, stone * 1.3)
    return wall * (1 + 0.1 * noise(rng, h, w, 0.4 * density, density)) * np.linspace(1.1, 0.8, h)[:, None, None]


def draw_houses(stage: Stage) -> None:
    """A row of houses on either side, far to near, and one across the street's end."""
    rng = stage.rng
    stage.texture(hazy(house_front(rng, 26, 9, 12), FAR), [(-13, 9, FAR), (13, 9, FAR), (13, 0, FAR), (-13, 0, FAR)], "building")
    for x, outward in zip(WALLS, (-1, 1), strict=True):
        z1, ridge = FAR, x + 2.5 * outward
        while z1 > 4:
            z0, top = max(z1 - rng.uniform(9, 16), 3.0), rng.uniform(8, 11)
            gable = [(x, 0, z0), (x, top, z0), (ridge, top + 2, z0), (x + 5 * outward, top, z0), (x + 5 * outward, 0, z0)]
            stage.polygon(gable, rng.choice(STONES) * 0.75, "building", 0.8)
            stage.polygon([(x, top, z1), (x, top, z0), (ridge, top + 2, z0), (ridge, top + 2, z1)], (86, 84, 86), "building", 0.8)
            stage.outline(ridge, z0 + 0.5, bar(-0.45, top + 1, 0.45, top + 3.2), (98, 76, 66), "building", 0.8)
            front = house_front(rng, z1 - z0, top, np.clip(stage.focal / z0 / 1.5, 10, 90))
            front = hazy(front, np.linspace(z0, z1, front.shape[1])[:, None])
            stage.texture(front, [(x, top, z0), (x, top, z1), (x, 0, z1), (x, 0, z0)], "building")
            z1 = z0


def draw_tree(stage: Stage, x: float, z: float, top: float) -> None:
    """A trunk and many small patches of leaves, the shaded ones first; more and smaller ones for a nearer tree."""
    rng, count = stage.rng, int(stage.focal * np.clip(29 / z, 0.5, 2.5))
    stage.outline(x, z, [(-0.2, 0.1), (0.2, 0.1), (0.1, top * 0.6), (-0.1, top * 0.6)], (62, 56, 48), "tree", 0.75)
    angles, away = rng.uniform(0, 2 * np.pi, 24), np.sqrt(rng.uniform(0, 1, 24)) * top
    boughs = np.stack([0.32 * away * np.cos(angles), 0.66 * top + 0.24 * away * np.sin(angles)], axis=1)
    leaves = boughs[rng.integers(len(boughs), size=count)] + rng.normal(0, top * 0.055, (count, 2))
    light = 0.9 + (1.6 * (leaves[:, 1] - 0.66 * top) - 0.5 * leaves[:, 0]) / top + rng.normal(0, 0.2, count)
    for i in np.argsort(light):
        color = np.array((80, 90, 56)) * np.clip(light[i], 0.3, 1.5) + rng.normal(0, 5, 3)
        stage.outline(x, z, leaves[i] + rng.normal(0, 4.2 / np.sqrt(count), (6, 2)), color, "tree")


def draw_lamp(stage: Stage, x: float, z: float, reach: float) -> None:
    stage.outline(x, z, [(-0.09, 0), (0.09, 0), (0.06, 7), (-0.06, 7)], (88, 92, 94), "pole", 0.75)
    stage.outline(x, z, [(0, 6.9), (reach, 7.15), (reach, 7.25), (0, 7.02)], (88, 92, 94), "pole")
    stage.outline(x, z, bar(reach * 0.75, 7.07, reach * 1.15, 7.25), (120, 122, 122), "pole")


def draw_sign(stage: Stage, x: float, z: float, color) -> None:
    stage.outline(x, z, bar(-0.05, 0, 0.05, 2.4), (104, 106, 106), "pole", 0.75)
    for outline, shade in ((disc(0, 2.7, 0.38), color), (disc(0, 2.7, 0.28), (206, 206, 202)), (bar(-0.17, 2.65, 0.17, 2.75), (40, 40, 44))):
        stage.outline(x, z, outline, shade, "traffic sign")


def draw_fence(stage: Stage, x: float, z0: float, z1: float) -> None:
    """Railings along the pavement. One sees through them, but the whole panel counts as fence."""
    bars = np.zeros((48, int((z1 - z0) * 40)), bool)
    bars[:, np.arange(bars.shape[1]) % 6 < 2] = True
    bars[[2, 3, 4, 40, 41, 42]] = True
    stage.texture(np.full((*bars.shape, 3), (44, 50, 48)), [(x, 1.3, z0), (x, 1.3, z1), (x, 0.12, z1), (x, 0.12, z0)], "fence", bars)


def draw_car(stage: Stage, x: float, z: float, paint: np.ndarray, away: bool) -> None:
    """A hatchback with its near end at z, going ``away`` or coming: the side towards the camera first, then the near end."""
    length, side = 4.05, -1 if x > 0 else 1

    def polygon(points, color, fade):  # of (across, -1 to 1; up; metres from the near end); narrower above the waist
        stage.polygon([(x + u * 0.86 * (1 - 0.4 * max(v - 0.92, 0)), v, z + w) for u, v, w in points], color, "car", fade)

    def profile(outline, color, fade=1.0):  # of (metres from the nose, up)
        polygon([(side, v, length - w if away else w) for w, v in outline], color, fade)

    def end(left, right, low, high, color, fade=0.8):  # low and high: (up, metres from the near end)
        polygon([(left, *high), (right, *high), (right, *low), (left, *low)], color, fade)

    stage.shadow(x - 1.05, x + 1.05, z - 0.2, z + length, 0.85)
    for u in (-0.95, 0.67):
        end(u, u + 0.28, (0, 0.5), (0.5, 0.5), (20, 20, 22))
    profile([(0.05, 0.3), (0, 0.68), (0.95, 0.93), (1.75, 1.42), (2.2, 1.47), (3.3, 1.44), (3.95, 1.0), (length, 0.85), (length, 0.3)], paint * 0.9, 0.45)
    profile([(1.15, 0.97), (1.8, 1.36), (3.2, 1.37), (3.65, 1.0)], (74, 82, 88), 0.5)
    profile(bar(2.35, 0.95, 2.45, 1.4), paint * 0.6)
    for wheel in (0.75, 3.25):
        profile(disc(wheel, 0.33, 0.33), (20, 20, 22))
        profile(disc(wheel, 0.33, 0.19), (112, 114, 116), 0.7)
    end(-1, 1, (0.3, 0), (0.95, 0) if away else (0.7, 0), paint, 0.65)
    end(-1, 1, (0.24, 0), (0.42, -0.02), (50, 50, 52), 0.6)
    if away:
        end(-1, 1, (0.95, 0), (1.45, 0.6), paint * 1.1)
        end(-0.84, 0.84, (0.98, 0.05), (1.38, 0.52), (88, 96, 102), 0.45)
        plate, lamps, width = (0.6, (190, 166, 70)), ((0.72, 0), (0.94, 0), (140, 32, 28)), 0.24
    else:
        end(-1, 1, (0.68, 0), (0.93, 0.95), paint * 1.2 + 10, 0.95)
        end(-1, 1, (0.93, 0.95), (1.46, 1.8), paint * 0.8)
        end(-0.88, 0.88, (0.95, 1.0), (1.39, 1.7), (98, 108, 114), 0.4)
        end(-0.45, 0.45, (0.5, 0), (0.64, 0), (28, 28, 30))
        plate, lamps, width = (0.3, (190, 190, 184)), ((0.52, 0), (0.68, 0), (200, 202, 198)), 0.34
    end(-0.3, 0.3, (plate[0], -0.03), (plate[0] + 0.12, -0.03), plate[1])
    for left in (-0.97, 0.97 - width):
        end(left, left + width, *lamps)


def draw_person(stage: Stage, x: float, z: float, floor: float = 0.12, name: str = "pedestrian") -> None:
    """Someone seen from behind, standing at a height of ``floor``."""
    coat, legs, skin, stride = stage.rng.choice(CLOTHES), np.array((52, 54, 64)), np.array((150, 116, 98)), stage.rng.uniform(0.02, 0.12)
    stage.shadow(x - 0.3, x + 0.3, z - 0.1, z + 0.5, 0.6, min(floor, 0.12))
    for s in (-1, 1):
        foot = s * (0.07 + stride)
        stage.outline(x, z, [(foot - 0.06, floor), (foot + 0.07, floor), (0.19 * s, floor + 0.85), (-0.02 * s, floor + 0.85)], legs, name, 0.7)
        stage.outline(x, z, [(0.18 * s, floor + 1.45), (0.27 * s, floor + 1.35), (0.32 * s, floor + 0.8), (0.23 * s, floor + 0.78)], coat * 0.85, name, 0.7)
    coat_shape = np.array([(-0.2, 0.72), (0.2, 0.72), (0.22, 1.32), (0.1, 1.5), (-0.1, 1.5), (-0.22, 1.32)]) + (0, floor)
    for outline, color in ((bar(-0.05, floor + 1.45, 0.05, floor + 1.6), skin * 0.8), (coat_shape, coat * 1.05), (disc(0, floor + 1.63, 0.095, 1.3), skin)):
        stage.outline(x, z, outline, color, name, 0.75)
    stage.outline(x, z, disc(0, floor + 1.68, 0.1, 0.95), (48, 40, 34), name, 0.75)


def draw_bicyclist(stage: Stage, x: float, z: float) -> None:
    stage.outline(x, z, bar(-0.3, 1.05, 0.3, 1.1), (40, 40, 42), "bicyclist")
    draw_person(stage, x, z, 0.3, "bicyclist")
    for outline, color in ((disc(0, 2.0, 0.11, 0.85), (54, 58, 66)), (disc(0, 0.34, 0.05, 6.8), (24, 24, 26)), (bar(-0.04, 0.72, 0.04, 0.78), (150, 32, 28))):
        stage.outline(x, z, outline, color, "bicyclist")


def street(seed: int = 0, width: int = 960, height: int = 720) -> tuple[np.ndarray, np.ndarray]:
    """A street as a dash-cam sees it.

    Args:
        seed: of all that is random: houses, paint, people, trees.
        width, height: of the picture in pixels; the view is made for 4:3 and holds from square to twice as wide as high.

    Returns:
        image (height, width, 3) uint8 RGB, and mask (height, width) uint8 with its exact class ids, 0 to 10, of the street task.
    """
    rng = np.random.default_rng(seed)
    stage = Stage(width, height, IDS, rng)
    for draw in (draw_sky, draw_ground, draw_houses):
        draw(stage)
    cars = ((14, 3.1, False), (24, -0.8, True), (34, 4.4, True), (47, 3.1, False), (62, 4.4, True))  # z, x, away
    things: list[tuple] = [(draw_car, x, z, paint, away) for (z, x, away), paint in zip(cars, rng.permutation(PAINTS), strict=False)]
    things += [(draw_tree, 7.6, z + rng.uniform(-1, 1), rng.uniform(7, 9)) for z in range(17, 120, 9)]
    things += [(draw_lamp, -3.0, z, 1.4) for z in (18, 40, 70)] + [(draw_lamp, 5.9, z, -1.4) for z in (26, 55)]
    things += [(draw_sign, -3.1, 15, (140, 36, 34)), (draw_sign, 6.0, 30, (40, 66, 130)), (draw_fence, 6.3, 13, 24)]
    for left, right, near, far in ((-4.4, -3.6, 9, 40), (6.7, 8.5, 16, 50)):
        things += [(draw_person, rng.uniform(left, right), z) for z in np.geomspace(near, far, 5) * rng.uniform(1, 1.2, 5)]
    things += [(draw_bicyclist, -1.7, z) for z in rng.uniform((10, 17), (13, 20))]
    for thing, x, z, *how in sorted(things, key=lambda thing: -thing[2]):
        thing(stage, x, z, *how)
    return photograph(stage.image, rng), stage.mask[::SCALE, ::SCALE].copy()

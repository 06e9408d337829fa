"""From the sheet on a desk to the file a chat gives us: light, lens, noise, compression."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tests.photos.desk import desk, fingers, things_on
from tests.photos.lying import Place, Points

Picture = NDArray[np.uint8]  # height x width x 3, RGB
Light = NDArray[np.float32]


@dataclass(slots=True)
class Shot:
    """How a photo is taken. Lengths in mm on the paper unless said otherwise."""

    long_side: int = 1280  # pixels of the file
    tilt: float = 8.0  # degrees from straight above
    turn: float = 0.0  # degrees of rotation
    fill: float = 0.9  # of the picture that the page's longer side takes
    curl: float = 0.0  # lift of the paper's middle or edge
    folds: int = 0
    shadow: float = 0.0  # light taken by it
    glare: tuple[float, float, float, float] | None = (
        None  # x, y and radius of a white spot, and its strength, 1 = white
    )
    blur: float = 0.0  # of the lens, sigma
    motion: float = 0.0  # length of a shake
    noise: float = 3.0  # grey levels
    light: float = 1.0
    warmth: float = 0.0
    quality: int = 85
    sharpened: float = 0.0  # by the phone
    fingers: int = 0
    clutter: int = 3
    covered: tuple[float, float, float, float] | None = (
        None  # x, y, width and height of something that lies on the page
    )
    shift: tuple[float, float] = (0.0, 0.0)  # of the page out of the picture, as part of its size
    greyscale: bool = False
    bleached: bool = False  # a phone's document mode: paper made white, shades taken away


def photograph(
    sheet: Picture, px: float, shot: Shot, chance: np.random.Generator, points: Points
) -> tuple[Picture, Points]:
    """The photo, and where these points of the sheet (mm) lie in it, in pixels."""
    work = int(max(shot.long_side * 1.25, 1400))
    portrait = abs(np.sin(np.radians(shot.turn))) < 0.7
    high, wide = (work, int(work * 0.75)) if portrait else (int(work * 0.75), work)
    place = Place(sheet.shape[1] / px, sheet.shape[0] / px, (high, wide), shot, chance)
    page, cover = place.laid(sheet, px)
    under = desk(high, wide, shot.clutter, chance)
    shade = np.roll(cv2.GaussianBlur(cover, (0, 0), work / 160), (work // 200, work // 260), (0, 1))
    photo = under * (1 - 0.45 * shade[..., None]) * (1 - cover[..., None]) + page * cover[..., None]
    if shot.covered:
        things_on(photo, place, shot.covered, chance)
    if shot.fingers:
        fingers(photo, place, shot.fingers, chance)
    photo = _lit(photo.astype(np.float32), place, shot, chance)
    if shot.blur:
        photo = cv2.GaussianBlur(photo, (0, 0), max(0.3, shot.blur * place.scale))
    if shot.motion:
        photo = cv2.filter2D(photo, -1, _shake(shot.motion * place.scale, chance))
    factor = shot.long_side / max(photo.shape[:2])
    photo = cv2.resize(photo, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA)
    return _developed(photo, shot, chance), place.seen(points) * factor


def _developed(photo: Light, shot: Shot, chance: np.random.Generator) -> Picture:
    """What the phone and the chat make of the light."""
    photo = photo + chance.normal(0, shot.noise, photo.shape).astype(np.float32)
    if shot.sharpened:
        photo = photo + shot.sharpened * (photo - cv2.GaussianBlur(photo, (0, 0), 1.2))
    picture = np.clip(photo, 0, 255).astype(np.uint8)
    if shot.bleached:
        picture = bleached(picture)
    if shot.greyscale:
        picture = cv2.cvtColor(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    for quality in (92, shot.quality):  # once by the phone, once by the chat
        picture = compressed(picture, quality)
    return picture


def compressed(picture: Picture, quality: int) -> Picture:
    done, data = cv2.imencode(".jpg", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, quality])
    assert done
    return cv2.cvtColor(cv2.imdecode(data, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def bleached(picture: Picture) -> Picture:
    """As a phone's document mode does it: against its paper, what is light becomes white."""
    small = cv2.resize(picture, None, fx=0.25, fy=0.25, interpolation=cv2.INTER_AREA)
    paper = cv2.GaussianBlur(cv2.morphologyEx(small, cv2.MORPH_CLOSE, np.ones((15, 15))), (0, 0), 6)
    paper = cv2.resize(paper, picture.shape[1::-1]).astype(np.float32)
    even = picture / np.maximum(paper, 1)
    return np.clip((even - 0.12) / 0.78 * 255, 0, 255).astype(np.uint8)


def _lit(photo: Light, place: Place, shot: Shot, chance: np.random.Generator) -> Light:
    height, width = photo.shape[:2]
    ys, xs = np.mgrid[0:height, 0:width].astype(np.float32)
    way = chance.uniform(0, 2 * np.pi)
    ramp = ((xs / width - 0.5) * np.cos(way) + (ys / height - 0.5) * np.sin(way)) * chance.uniform(0.0, 0.25)
    light = (1 + ramp) * shot.light
    if shot.shadow:
        mask = np.zeros((height, width), np.float32)
        corner = np.array([[chance.uniform(-0.2, 1.2) * width, chance.uniform(-0.2, 1.2) * height] for _ in range(3)])
        cv2.fillPoly(mask, [corner.astype(int)], 1.0)
        light *= 1 - shot.shadow * cv2.GaussianBlur(mask, (0, 0), width * chance.uniform(0.01, 0.06))
    photo = photo * light[..., None] * np.array([1 + shot.warmth, 1.0, 1 - shot.warmth], np.float32)
    if shot.glare:
        x, y, radius, strength = shot.glare
        at, size = place.seen(np.array([(x, y)]))[0], radius * place.scale
        flat = chance.uniform(0.7, 1.4)
        away = ((xs - at[0]) / size) ** 2 + ((ys - at[1]) / (size * flat)) ** 2
        photo = photo + (np.exp(-(away**2)) * strength * 255)[..., None].astype(
            np.float32
        )  # a lamp's: flat, with an edge
    return photo


def _shake(length: float, chance: np.random.Generator) -> NDArray[np.float32]:
    size = max(3, int(np.ceil(length)) | 1)
    kernel = np.zeros((size, size), np.float32)
    way = chance.uniform(0, np.pi)
    centre = size / 2 - 0.5
    end = (centre + np.cos(way) * length / 2, centre + np.sin(way) * length / 2)
    start = (2 * centre - end[0], 2 * centre - end[1])
    cv2.line(kernel, tuple(round(v * 16) for v in start), tuple(round(v * 16) for v in end), 1.0, 1, cv2.LINE_AA, 4)
    return kernel / max(kernel.sum(), 1e-6)

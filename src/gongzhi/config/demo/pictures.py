"""Small drawn pictures, so that demo cases have something to show. Pure: a seed in, a JPEG out."""

import io
import math
import random

from PIL import Image, ImageDraw, ImageFilter

SIZE = (960, 720)
SKIES = (((178, 205, 226), (232, 240, 244)), ((204, 214, 222), (240, 238, 232)), ((150, 178, 205), (225, 225, 220)))


def picture(subject: str, seed: int) -> bytes:
    """Return a JPEG of a street scene with its subject: bin, lamp, road, river, site or plain; `fixed-…` shows it put right."""
    chance = random.Random(seed)
    image = Image.new("RGB", SIZE)
    draw = ImageDraw.Draw(image)
    _sky(draw, chance)
    _houses(draw, chance)
    fixed = subject.startswith("fixed-")
    {"bin": _bin, "lamp": _lamp, "road": _road, "river": _river, "site": _site}.get(subject.removeprefix("fixed-"), _plain)(draw, chance, fixed)
    image = image.filter(ImageFilter.GaussianBlur(0.8))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=82)
    return out.getvalue()


def _sky(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    top, low = chance.choice(SKIES)
    for y in range(430):
        share = y / 430
        draw.line([(0, y), (960, y)], fill=tuple(round(a + (b - a) * share) for a, b in zip(top, low, strict=True)))
    ground = chance.choice(((150, 148, 142), (166, 160, 150), (138, 140, 140)))
    for y in range(430, 720):
        dim = (y - 430) // 12
        draw.line([(0, y), (960, y)], fill=tuple(value - dim for value in ground))


def _houses(draw: ImageDraw.ImageDraw, chance: random.Random) -> None:
    x = -40
    while x < 960:
        width, height = chance.randint(110, 220), chance.randint(120, 300)
        wall = chance.choice(((205, 198, 186), (188, 184, 180), (214, 206, 196), (176, 172, 166)))
        draw.rectangle([x, 430 - height, x + width, 430], fill=wall)
        draw.polygon([(x - 8, 430 - height), (x + width / 2, 400 - height), (x + width + 8, 430 - height)], fill=(92, 92, 98))
        for row in range(430 - height + 24, 400, 46):
            for column in range(x + 16, x + width - 26, 40):
                draw.rectangle([column, row, column + 20, row + 26], fill=(120, 140, 156))
        x += width + chance.randint(4, 30)


def _bin(draw: ImageDraw.ImageDraw, chance: random.Random, fixed: bool) -> None:
    for index in range(3):
        x = 250 + index * 150 + chance.randint(-10, 10)
        colour = ((62, 110, 84), (70, 92, 130), (120, 118, 112))[index]
        draw.rectangle([x, 470, x + 110, 640], fill=colour)
        draw.rectangle([x - 6, 452, x + 116, 474], fill=tuple(value - 20 for value in colour))
        if fixed:
            continue
        for _bag in range(9):
            bx, by, size = x + chance.randint(-50, 110), chance.randint(400, 650), chance.randint(18, 46)
            shade = chance.randint(30, 220)
            draw.ellipse([bx, by, bx + size, by + size * 0.8], fill=(shade, shade - 5, max(0, shade - 15)))


def _lamp(draw: ImageDraw.ImageDraw, chance: random.Random, fixed: bool) -> None:
    if not fixed:
        draw.rectangle([0, 0, 960, 720], fill=None, outline=None)
    for x in (240, 520, 790):
        draw.rectangle([x, 150, x + 12, 640], fill=(70, 74, 78))
        draw.line([(x + 6, 156), (x + 90, 130)], fill=(70, 74, 78), width=8)
        draw.ellipse([x + 70, 122, x + 120, 146], fill=(255, 236, 170) if fixed else (88, 90, 94))


def _road(draw: ImageDraw.ImageDraw, chance: random.Random, fixed: bool) -> None:
    draw.polygon([(300, 430), (660, 430), (960, 720), (0, 720)], fill=(104, 104, 106))
    for step in range(5):
        y = 450 + step * 58
        draw.polygon([(474, y), (486, y), (490, y + 30), (470, y + 30)], fill=(226, 222, 210))
    if fixed:
        draw.polygon([(330, 560), (520, 552), (540, 650), (310, 656)], fill=(70, 70, 74))
        return
    points = [(430 + math.cos(a / 10 * math.tau) * chance.randint(80, 130), 600 + math.sin(a / 10 * math.tau) * chance.randint(28, 50)) for a in range(10)]
    draw.polygon(points, fill=(62, 58, 54))
    draw.polygon([(x * 0.9 + 43, y * 0.92 + 46) for x, y in points], fill=(96, 104, 110))


def _river(draw: ImageDraw.ImageDraw, chance: random.Random, fixed: bool) -> None:
    draw.polygon([(0, 500), (960, 440), (960, 720), (0, 720)], fill=(96, 128, 132) if fixed else (110, 96, 100))
    draw.line([(0, 498), (960, 438)], fill=(150, 146, 138), width=14)
    for _wave in range(60):
        x, y = chance.randint(0, 960), chance.randint(520, 710)
        draw.line([(x, y), (x + chance.randint(20, 70), y - 3)], fill=(140, 164, 166) if fixed else (150, 118, 120), width=2)
    if not fixed:
        for _foam in range(40):
            x, y, size = chance.randint(0, 940), chance.randint(520, 700), chance.randint(6, 26)
            draw.ellipse([x, y, x + size, y + size / 2], fill=(222, 216, 206))


def _site(draw: ImageDraw.ImageDraw, chance: random.Random, fixed: bool) -> None:
    draw.rectangle([520, 180, 880, 560], fill=(196, 180, 150) if not fixed else (108, 140, 104))
    for y in range(180, 560, 38):
        draw.line([(520, y), (880, y)], fill=(120, 112, 100), width=4)
    for x in range(520, 881, 60):
        draw.line([(x, 180), (x, 560)], fill=(120, 112, 100), width=4)
    draw.polygon([(60, 620), (300, 470), (480, 620)], fill=(172, 146, 112) if not fixed else (92, 124, 92))


def _plain(draw: ImageDraw.ImageDraw, chance: random.Random, fixed: bool) -> None:
    draw.polygon([(340, 430), (620, 430), (960, 720), (0, 720)], fill=(128, 126, 122))
    for _leaf in range(12):
        x, y, size = chance.randint(0, 900), chance.randint(330, 430), chance.randint(40, 90)
        draw.ellipse([x, y, x + size, y + size], fill=(84, 118 + chance.randint(0, 24), 82))


SUBJECTS = {
    "H101": "lamp", "H102": "road", "H103": "road", "H201": "road", "H203": "road", "H301": "bin", "H302": "bin", "E101": "river", "E102": "river",
    "E202": "site", "E301": "site", "W102": "site", "H402": "site",
}  # fmt: skip

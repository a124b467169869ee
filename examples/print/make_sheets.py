"""Makes ``reference.jpg`` and ``sample.jpg``: two sheets of an art print, one of them faulty.

Run it in this folder with the photograph of the painting: ``python make_sheets.py PAINTING.jpg``.
It needs Pillow and NumPy.
"""

import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

PAPER = (246, 243, 235)
INK = (38, 36, 34)
SHEET = (920, 760)
PICTURE = (100, 60)  # where its left top corner lies
CONTROL_STRIP = ((0, 160, 225), (225, 0, 125), (250, 225, 0), (40, 38, 36), (128, 126, 122))
PATCH = 36


def control_strip(draw: ImageDraw.ImageDraw) -> None:
    """Patches of the inks at full strength, and a grey, below the picture."""
    for number, colour in enumerate(CONTROL_STRIP):
        left = PICTURE[0] + number * PATCH
        draw.rectangle((left, 690, left + PATCH - 1, 725), fill=colour)


def sheet(painting: Image.Image, number: str) -> Image.Image:
    """A sheet: the picture on paper, its title, a control strip and the number of the sheet."""
    page = Image.new("RGB", SHEET, PAPER)
    page.paste(painting, PICTURE)
    draw = ImageDraw.Draw(page)
    control_strip(draw)
    title = "Vincent van Gogh   The Starry Night   1889"
    draw.text((330, 694), title, fill=INK, font=ImageFont.load_default(20))
    draw.text((760, 722), number, fill=INK, font=ImageFont.load_default(16))
    return page


def under_the_camera(page: Image.Image, seed: int) -> Image.Image:
    """The sheet as a camera sees it: a lens softens it, and the sensor adds noise."""
    seen = np.asarray(page.filter(ImageFilter.GaussianBlur(0.6)), dtype=float)
    seen += np.random.default_rng(seed).normal(0, 1.0, seen.shape)
    return Image.fromarray(seen.round().clip(0, 255).astype(np.uint8))


def masked(page: Image.Image, colour: tuple[int, int, int], shape: Image.Image) -> Image.Image:
    """The sheet with a colour laid over it, as strong as the shape is bright."""
    return Image.composite(Image.new("RGB", page.size, colour), page, shape)


def blank(page: Image.Image) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    shape = Image.new("L", page.size)
    return shape, ImageDraw.Draw(shape)


def more_yellow(page: Image.Image) -> Image.Image:
    """The whole sheet with a little less blue light: too much yellow."""
    pixels = np.asarray(page, dtype=float)
    pixels[..., 2] *= 0.985
    return Image.fromarray(pixels.round().astype(np.uint8))


def hickey(page: Image.Image, x: int, y: int) -> Image.Image:
    """A speck of dirt on the plate: a spot of ink in a ring without any."""
    shape, draw = blank(page)
    draw.ellipse((x - 5, y - 5, x + 5, y + 5), fill=160)
    draw.ellipse((x - 2, y - 2, x + 2, y + 2), fill=0)
    return masked(page, PAPER, shape.filter(ImageFilter.GaussianBlur(0.7)))


def starved_roller(page: Image.Image) -> Image.Image:
    """A band down the sheet that gets too little ink."""
    shape, draw = blank(page)
    draw.rectangle((590, 60, 640, 659), fill=34)
    return masked(page, PAPER, shape.filter(ImageFilter.GaussianBlur(9)))


def scratch(page: Image.Image) -> Image.Image:
    """A scratch across the paper below the picture."""
    shape, draw = blank(page)
    draw.line((520, 668, 610, 684), fill=120, width=2)
    return masked(page, (150, 146, 138), shape.filter(ImageFilter.GaussianBlur(0.6)))


def main(photograph: str) -> None:
    painting = Image.open(photograph).convert("RGB").crop((17, 13, 737, 585))
    reference = sheet(painting, "No. 0001")
    sample = sheet(painting, "No. 2417")
    for fault in (more_yellow, starved_roller, scratch):
        sample = fault(sample)
    sample = hickey(hickey(sample, 420, 130), 300, 470)
    for page, seed, name in ((reference, 1, "reference.jpg"), (sample, 2, "sample.jpg")):
        under_the_camera(page, seed).save(name, quality=90, subsampling=0)


if __name__ == "__main__":
    main(sys.argv[1])

"""Makes ``sample.jpg`` from ``reference.jpg``: the same scene, with faults that a map finds.

Run it in this folder: ``python make_sample.py``. It needs Pillow.
"""

from PIL import Image, ImageDraw, ImageFilter

Colour = tuple[int, int, int]


def tinted(photograph: Image.Image, shape: Image.Image, colour: Colour, blur: float) -> Image.Image:
    """The photograph with a colour laid over it, as strong as the shape is bright."""
    mask = shape.filter(ImageFilter.GaussianBlur(blur))
    return Image.composite(Image.new("RGB", photograph.size, colour), photograph, mask)


def ellipse(size: tuple[int, int], box: tuple[int, int, int, int], strength: int) -> Image.Image:
    shape = Image.new("L", size)
    ImageDraw.Draw(shape).ellipse(box, fill=strength)
    return shape


def line(size: tuple[int, int], points: tuple[int, ...], strength: int) -> Image.Image:
    shape = Image.new("L", size)
    ImageDraw.Draw(shape).line(points, fill=strength)
    return shape


def main() -> None:
    photograph = Image.open("reference.jpg")
    size = photograph.size
    lamp = ellipse(size, (440, 60, 720, 330), strength=30)
    drop = ellipse(size, (254, 58, 278, 72), strength=48)
    batch = ellipse(size, (122, 268, 166, 298), strength=44)
    scratch = line(size, (104, 168, 142, 196, 160, 236), strength=170)

    sample = tinted(photograph, lamp, (255, 200, 90), blur=50)
    sample = tinted(sample, drop, (130, 80, 40), blur=1.5)
    sample = tinted(sample, batch, (60, 25, 70), blur=2)
    sample = tinted(sample, scratch, (200, 120, 100), blur=0.7)
    sample.save("sample.jpg", quality=94, subsampling=0)


if __name__ == "__main__":
    main()

"""Makes linear RGB of the photograph, as a raw converter would have given it without its curve."""

from pathlib import Path

import numpy as np
from PIL import Image

import dde

HERE = Path(__file__).parent

photograph = np.asarray(Image.open(HERE / "chart.jpg"))
np.save("chart.npy", dde.convert(photograph, "sRGB", "linear sRGB"))

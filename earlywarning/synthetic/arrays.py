"""The array types that the synthetic authority passes around."""

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Bytes = NDArray[np.uint8]
Dates = NDArray[np.datetime64]
Strings = NDArray[np.str_]

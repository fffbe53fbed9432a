"""How much arithmetic a network is, and how fast the machine could do it."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers

from benchmarks.timing import seconds

CONVOLUTIONS = (layers.Conv2D, layers.DepthwiseConv2D, layers.Conv2DTranspose)


def flops(model: keras.Model, height: int, width: int) -> int:
    """Floating-point operations of the convolutions for one picture (height, width): a multiply-add counts as two.

    At the size to which the network pads the picture, and as if every tap of a filter fell on the picture. Depthwise and
    transposed convolutions count; biases, batch norms (folded into the convolutions when it matters), activations, sums,
    pooling and bilinear resizing do not.
    """
    convolutions = [layer for layer in model.layers if isinstance(layer, CONVOLUTIONS)]
    # A transposed convolution lays its whole filter down once for each pixel that comes in, the others once for each that goes out.
    tensors = [layer.input if isinstance(layer, layers.Conv2DTranspose) else layer.output for layer in convolutions]
    shapes = keras.Model(model.input, tensors).compute_output_shape((1, height, width, 3)) if tensors else []
    return sum(2 * layer.kernel.shape.num_elements() * h * w for layer, (_, h, w, _) in zip(convolutions, shapes, strict=True))


def matrix_peak(side: int = 3072, runs: int = 8) -> float:
    """Float32 operations a second of the best of ``runs`` products of two square matrices, every core.

    By NumPy's BLAS or by TensorFlow, whichever is faster: a BLAS takes a processor that it does not know for an older one.
    """
    import tensorflow as tf

    a, b = np.random.default_rng(0).random((2, side, side), np.float32)
    out, tensors = np.empty_like(a), (tf.constant(a), tf.constant(b))
    products = (lambda: np.matmul(a, b, out=out), lambda: tf.matmul(*tensors).numpy())
    return 2 * side**3 / min(seconds(product) for product in products for _ in range(runs))

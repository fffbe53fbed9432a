"""Layers that more than one architecture uses."""

from __future__ import annotations

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable("segdemo")
class PadToMultiple(layers.Layer):
    """Pads (N, H, W, C) with zeros at the bottom and right until H and W are multiples of ``multiple``.

    With this first and `CropLike` last, every stride inside a network divides evenly and any input size works:
    "pad to the stride, crop the scores back" (Long et al. 2015).
    """

    def __init__(self, multiple: int = 32, **kwargs):
        super().__init__(**kwargs)
        self.multiple = multiple

    def compute_output_shape(self, input_shape):
        n, h, w, c = input_shape
        return (n, *(None if s is None else s + -s % self.multiple for s in (h, w)), c)

    def call(self, inputs):
        height, width = ops.shape(inputs)[1:3]
        pads = [[0, 0], [0, -height % self.multiple], [0, -width % self.multiple], [0, 0]]
        return ops.pad(inputs, pads)

    def get_config(self):
        return {**super().get_config(), "multiple": self.multiple}


@keras.saving.register_keras_serializable("segdemo")
class CropLike(layers.Layer):
    """Crops the first input (N, H', W', C) at the bottom and right to the height and width of the second."""

    def compute_output_shape(self, input_shape):
        (n, _, _, c), (_, h, w, _) = input_shape
        return (n, h, w, c)

    def call(self, inputs):
        tensor, reference = inputs
        height, width = ops.shape(reference)[1:3]
        return tensor[:, :height, :width]


@keras.saving.register_keras_serializable("segdemo")
class BroadcastLike(layers.Layer):
    """Repeats (N, 1, 1, C) over the height and width of the second input: bilinear upsampling of a single pixel."""

    def compute_output_shape(self, input_shape):
        (n, _, _, c), (_, h, w, _) = input_shape
        return (n, h, w, c)

    def call(self, inputs):
        tensor, reference = inputs
        n, height, width = ops.shape(reference)[:3]
        return ops.broadcast_to(tensor, (n, height, width, tensor.shape[-1]))


@keras.saving.register_keras_serializable("segdemo")
class BilinearUpsampling(layers.Layer):
    """Enlarges (N, h, w, C) by a whole ``factor``, bilinearly, with half-pixel centres: UpSampling2D for any size.

    On TensorFlow, Keras's own (3.15) refuses a size that is known only when the network runs.
    """

    def __init__(self, factor: int, **kwargs):
        super().__init__(**kwargs)
        self.factor = factor

    def compute_output_shape(self, input_shape):
        n, h, w, c = input_shape
        return (n, *(None if s is None else s * self.factor for s in (h, w)), c)

    def call(self, inputs):
        height, width = ops.shape(inputs)[1:3]
        size = (height * self.factor, width * self.factor)
        if keras.backend.backend() != "tensorflow":
            return ops.image.resize(inputs, size, interpolation="bilinear")
        import tensorflow as tf

        return tf.cast(tf.image.resize(inputs, size), inputs.dtype)

    def get_config(self):
        return {**super().get_config(), "factor": self.factor}


@keras.saving.register_keras_serializable("segdemo")
class BatchNormalization(layers.BatchNormalization):
    """Keras's own, by TensorFlow's or PyTorch's fused kernel: one pass over memory instead of six, and bfloat16 without a detour.

    Other backends fuse Keras's formula themselves. The statistics, scale and offset are float32 under any policy.
    """

    def __init__(self, **kwargs):
        super().__init__(autocast=False, **kwargs)

    def call(self, inputs, training=None, mask=None):
        backend, learns = keras.backend.backend(), bool(training and self.trainable)
        if backend == "torch":
            from torch.nn.functional import batch_norm

            numbers = (weight.value for weight in (self.moving_mean, self.moving_variance, self.gamma, self.beta))
            return batch_norm(inputs.permute(0, 3, 1, 2), *numbers, learns, 1 - self.momentum, self.epsilon).permute(0, 2, 3, 1)
        if backend != "tensorflow":
            return super().call(inputs, training=training, mask=mask)
        import tensorflow as tf

        if not learns:
            return tf.compat.v1.nn.fused_batch_norm(
                inputs, self.gamma.value, self.beta.value, self.moving_mean.value, self.moving_variance.value, self.epsilon, is_training=False
            )[0]
        outputs, mean, variance = tf.compat.v1.nn.fused_batch_norm(inputs, self.gamma.value, self.beta.value, epsilon=self.epsilon)
        self.moving_mean.assign(self.moving_mean * self.momentum + mean * (1 - self.momentum))
        self.moving_variance.assign(self.moving_variance * self.momentum + variance * (1 - self.momentum))
        return outputs


def conv_bn_relu(x, filters: int, kernel: int = 3, rate: int = 1, name: str = ""):
    """Convolution without bias, batch normalisation, ReLU; (N, H, W, C) to (N, H, W, filters)."""
    x = layers.Conv2D(filters, kernel, padding="same", dilation_rate=rate, use_bias=False, name=name)(x)
    return bn_relu(x, name)


def separable_conv_bn_relu(x, filters: int, kernel: int = 3, rate: int = 1, name: str = ""):
    """Atrous separable convolution (Chen et al. 2018, section 3.1): a filter a channel at ``rate``, then a 1x1, each with BN and ReLU."""
    x = layers.DepthwiseConv2D(kernel, padding="same", dilation_rate=rate, use_bias=False, name=f"{name}_depthwise")(x)
    x = bn_relu(x, f"{name}_depthwise")
    return conv_bn_relu(x, filters, 1, name=f"{name}_pointwise")


def bn_relu(x, name: str):
    x = BatchNormalization(momentum=0.95, epsilon=1e-5, name=f"{name}_bn")(x)
    return layers.ReLU(name=f"{name}_relu")(x)


@keras.saving.register_keras_serializable("segdemo")
class Bilinear(keras.initializers.Initializer):
    """One bilinear filter a class, for a transposed convolution: kernel (k, k, C, C), zero off the class diagonal.

    The weight at (i, j) is (1 - |i - c| / f) (1 - |j - c| / f) with f = floor((k + 1) / 2), and c = f - 1 for odd
    k, f - 0.5 for even k (Long et al. 2015, section 3.3, and the authors' ``surgery.py``).
    """

    def __call__(self, shape, dtype=None):
        size, _, outputs, inputs = shape
        factor = (size + 1) // 2
        centre = factor - 1 if size % 2 else factor - 0.5
        line = 1 - np.abs(np.arange(size) - centre) / factor
        kernel = np.einsum("i,j,oc->ijoc", line, line, np.eye(outputs, inputs))
        return ops.convert_to_tensor(kernel, dtype=dtype or "float32")


def upsample(x, factor: int, name: str):
    """Transposed convolution of kernel 2 * factor, without bias, that starts as bilinear interpolation."""
    classes = x.shape[-1]
    return layers.Conv2DTranspose(classes, 2 * factor, strides=factor, padding="same", use_bias=False, kernel_initializer=Bilinear(), name=name)(x)


def add_to_logits(model: keras.Model, numbers: np.ndarray) -> None:
    """Adds (C,) numbers to the logits of a model of this package, everywhere: to the bias of its last, finest scores.

    What follows, sums and bilinear resizes, leaves a constant as it is.
    """
    scores = [layer for layer in model.layers if isinstance(layer, layers.Conv2D) and layer.name.startswith("score")][-1]
    scores.bias.assign_add(numbers.astype("float32"))

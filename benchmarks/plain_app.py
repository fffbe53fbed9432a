"""The app that ours is measured against: Gradio and Keras as their guides show them, `model.predict` and arrays.

python -m benchmarks.plain_app        (KERAS_MODEL is a .keras file of the street task, HOST and PORT say where)

It is no straw man: the network sees the picture at the size that ours shows it, not at its own.
"""

import os

import cv2
import gradio as gr
import keras
import numpy as np

import segdemo.models.layers  # noqa: F401  (registers the layers that the file names)
from segdemo.inference.segmentation import working_size
from segdemo.tasks import TASKS

STREET = TASKS["street"]

model = keras.models.load_model(os.environ["KERAS_MODEL"], compile=False)


def segment(image):
    height, width = image.shape[:2]
    small = cv2.resize(image, working_size(height, width, STREET.pixels)[::-1], interpolation=cv2.INTER_AREA)
    logits = model.predict(small[None], verbose=0)[0]
    mask = cv2.resize(logits.argmax(axis=2).astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST)
    colored = STREET.palette[mask]
    overlay = cv2.addWeighted(image, 0.5, colored, 0.5, 0)
    statistics = [[name, float((mask == i).mean())] for i, name in enumerate(STREET.class_names)]
    return image, colored, overlay, statistics


demo = gr.Interface(
    segment,
    gr.Image(),
    [gr.Image(label="original"), gr.Image(label="mask"), gr.Image(label="overlay"), gr.Dataframe(headers=["class", "share"])],
    flagging_mode="never",
    api_name="plain",
)

if __name__ == "__main__":
    demo.launch(server_name=os.environ.get("HOST"), server_port=int(os.environ["PORT"]))

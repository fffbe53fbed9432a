"""What tests of training share."""

import pytest
from small_training import two_layers

from segdemo.training import loop as training


@pytest.fixture
def small(monkeypatch):
    """`train` builds this instead; the models built so far."""
    models = []

    def build_small(name, num_outputs, pretrained=None):
        models.append(two_layers(num_outputs, 8))
        return models[-1]

    monkeypatch.setattr(training, "build", build_small)
    monkeypatch.setattr(training, "save_backbone", lambda model, path: path.write_text("a backbone"))
    return models

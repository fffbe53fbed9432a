"""A classifier of one's own, learned from strokes that somebody painted: frozen networks look, a linear classifier learns."""

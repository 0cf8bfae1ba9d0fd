"""Graphs of pixels and of regions: what several families of methods share."""

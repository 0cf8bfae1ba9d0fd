"""Clustering: like pixels, wherever they are. One method a file, one row a method."""

ROWS: dict[str, str] = {}

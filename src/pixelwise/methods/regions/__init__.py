"""Region-based methods: like pixels that touch. One method a file, one row a method."""

ROWS: dict[str, str] = {}

"""Edge-based methods: boundaries first, then what they enclose.

One method a file, one row a method.
"""

ROWS: dict[str, str] = {}

"""Compositions for a use: no new mechanism, only what the lower rooms offer."""

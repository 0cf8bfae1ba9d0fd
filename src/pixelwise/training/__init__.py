"""Training: a plan, one loop for every net, export that proves itself, a card at the end.

This package needs the extra ``train``; what it makes does not.
"""

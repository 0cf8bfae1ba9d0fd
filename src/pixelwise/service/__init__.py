"""Segmentation over HTTP: the API, the studio page and the live page (extra ``serve``).

:class:`pixelwise.service.client.Client` talks to it and needs no extra.
"""

"""The testing kit: what proves the shipper, open to whoever builds on it.

It is part of the package, not of ``tests/``, because three parties use it: the tests, ``make demo`` (which writes a
plausible week of logs) and ``make bench`` (which writes logs of a stated size); and because someone who writes a
pipeline around the shipper needs the same logs to try it on. Nothing here is imported by the shipper's main job.
"""

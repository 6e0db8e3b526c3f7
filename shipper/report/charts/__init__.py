"""The charts: Vega-Altair says what to draw, vl-convert draws it as SVG without a browser, ``tidy`` writes it anew.

Measured for a week by the hour (2 processors): Altair with vl-convert 1.0 s and 129 MB in all; vl-convert alone with a
specification written by hand 0.45 s and 83 MB. Altair's half second buys a specification that a schema and a type
checker have read; the memory is asked for when the rows have been let go. What is a table with bars is HTML: it prints,
wraps, and is read aloud as the table it is.
"""

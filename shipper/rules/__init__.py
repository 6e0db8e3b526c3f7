"""Detection rules: one declarative model, read from ``dashboards/rules/*.toml``, evaluated here or compiled for others.

What a rule means is said once, in ``model``: the evaluator follows it in the stream, the targets say it in the words of
Kibana, Sigma and ElastAlert 2, and ``tests/parity`` holds both to the same alerts.
"""

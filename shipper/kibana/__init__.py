"""Kibana: what is built for it, what is checked of it, how it is installed."""

"""The figures of `docs/evaluation.md`: `make bench` prints them as a table and writes them as JSON."""

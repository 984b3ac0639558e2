"""The figures of the README: `make bench` prints them as a table and writes them as JSON."""

"""DBOS, which no other folder knows: the worker, the client for everybody else, and the bell between them."""

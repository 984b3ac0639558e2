"""What a service's files may be, whoever wrote them.

Every rule is a pure function: it takes sources, and facts as values, and returns faults. A fault tells the
model what to change; one about Python source also says why, and the id of its rule (`rule`). The ways in are the
folders `executor`, `tests`, `packages` and `text`, and the modules `source`, `paths` and `example`.
"""

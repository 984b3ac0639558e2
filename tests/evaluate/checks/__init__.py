"""What the services of the tasks have to do, a module a task: written by hand, from the issue's words alone.

A check is a function whose name begins with `check_`; its docstring is the sentence of the issue that it holds the
service to. It sends what is not in the issue, asks for nothing that the issue does not say, and raises
`tests.evaluate.service.Wrong`.
"""

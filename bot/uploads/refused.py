"""What we know to be wrong with a file."""

from __future__ import annotations


class Refused(Exception):
    """The file is not taken; `problem` is the key of the text that says why."""

    def __init__(self, problem: str) -> None:
        super().__init__(problem)
        self.problem = problem

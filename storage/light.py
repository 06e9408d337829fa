"""sqlite-utils without numpy, which it loads where it finds it to know its types of numbers: no table of ours has them.

numpy is installed for the check of letters, which runs in processes of its own. Here it would take a tenth of a second
of each start, 30 MB, and a thread for each core.
"""

from __future__ import annotations

import sys

_there = "numpy" in sys.modules
if not _there:
    sys.modules["numpy"] = None  # type: ignore[assignment]  # importing it fails then
try:
    from sqlite_utils import Database, Migrations
finally:
    if not _there:
        del sys.modules["numpy"]

__all__ = ["Database", "Migrations"]

"""What became of a file, line by line and in sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

ERRORS_KEPT = 1000
"""Bad rows told one by one; the rest are only counted."""

Progress = Callable[[int], None]
"""Called now and then with the number of rows read so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowError:
    line: int
    """As an editor counts, the header being line 1; of a row over several lines, the last."""
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportReport:
    read: int
    """Rows after the header, empty lines left out."""
    imported: int
    """Rows stored now."""
    unchanged: int
    """Rows stored by an earlier import."""
    errors: Sequence[RowError]
    """The first thousand."""
    kinds: Mapping[str, int]
    """What the rows were, "error" among them; the counts add up to `read`."""
    notes: Mapping[str, int] = field(default_factory=dict)
    """What else is worth knowing: "orders", "products", "exact_duplicates" …"""


@dataclass(slots=True)
class Tally:
    """A report in the making."""

    read: int = 0
    imported: int = 0
    unchanged: int = 0
    errors: list[RowError] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    def bad(self, line: int, reason: str) -> None:
        self.kinds["error"] += 1
        if len(self.errors) < ERRORS_KEPT:
            self.errors.append(RowError(line=line, reason=reason))

    def report(self) -> ImportReport:
        errors = tuple(sorted(self.errors, key=lambda error: error.line))
        counts = {name: count for name, count in sorted(self.kinds.items()) if count}
        notes = {name: count for name, count in sorted(self.notes.items()) if count}
        return ImportReport(read=self.read, imported=self.imported, unchanged=self.unchanged, errors=errors, kinds=counts, notes=notes)

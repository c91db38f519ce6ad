"""Making students: data, training, export, evaluation, gate. Importing this needs nothing; running it needs the extra `[distill]`."""

from agent.distill.pipeline import HEADS, distill
from agent.distill.records import Scorecard

__all__ = ["HEADS", "Scorecard", "distill"]

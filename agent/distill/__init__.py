"""Making students: data, teacher, training, evaluation, gate. Importing this needs nothing; running it needs the extra `[distill]`."""

from agent.distill.pipeline import RECIPES, distill, spec_of
from agent.distill.records import Scorecard

__all__ = ["RECIPES", "Scorecard", "distill", "spec_of"]

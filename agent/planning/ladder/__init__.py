"""The rungs of the planner's ladder: a request cut into clauses, each bound to a task, and what is done where that is in doubt."""

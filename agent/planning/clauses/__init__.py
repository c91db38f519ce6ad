"""Which clauses a request has and what task each asks for: students first, a frontier model in doubt."""

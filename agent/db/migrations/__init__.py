"""Alembic's folder: `env.py` is run by it, `versions/` holds one file for each step of the schema."""

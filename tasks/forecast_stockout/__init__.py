"""When stock runs out."""

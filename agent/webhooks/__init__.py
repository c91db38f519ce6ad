"""Telling other programs what happened, by Standard Webhooks: signed, retried over three days, replayable."""

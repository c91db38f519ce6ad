"""AG-UI 1.0: a run told in the events that front ends such as CopilotKit and assistant-ui show, at POST /v1/ag-ui.

Specification: https://docs.ag-ui.com/spec/1.0 (read 2026-11-23). By hand: it is JSON in and typed events out.
"""

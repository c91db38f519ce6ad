"""Tables that people attach to a request: read from bytes, understood by their headings, and made into changes to approve.

Bytes become a `Sheet` (`reading`), its columns get their meaning (`headings`, `choosing`), its rows find their records (`shelf`) and become changes
or are told as not taken, each with its line (`taking`, `adding`). What a cell says is a value and never an instruction: no planner, no
prompt and no model sees one.
"""

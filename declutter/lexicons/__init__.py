"""The phrases of each language as TOML, and what the package loads: ``compiled.jsonl``.

``python -m declutter.lexicons`` checks the TOML files and compiles them; a test fails
when the compiled file is not up to date.
"""

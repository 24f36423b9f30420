"""JSON Schemas of what is written as JSON; :data:`declutter.writers.json.SCHEMA` names one."""

#!/usr/bin/env python3
"""Whether what `impasse lab|sc|dump --json` writes is as docs/json-schema-lab.json says. Usage: impasse ... --json | lab_schema.py SCHEMA NAME"""
import json
import sys

import jsonschema

with open(sys.argv[1], encoding="utf-8") as file:
    schema = json.load(file)
jsonschema.Draft202012Validator.check_schema(schema)
validator = jsonschema.Draft202012Validator({"$ref": f"#/$defs/{sys.argv[2]}", "$defs": schema["$defs"]})
value = json.load(sys.stdin)
errors = [f"{sys.argv[2]}: {error.json_path}: {error.message}" for error in validator.iter_errors(value)]
if isinstance(value, dict) and validator.is_valid({**value, "nosuch": 1}):
    errors.append(f"{sys.argv[2]}: the schema accepts anything")
print("\n".join(errors) or "as the schema says")
sys.exit(bool(errors))

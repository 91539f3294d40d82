"""Checks the description of the interface, and answers of a server against it.

Arguments: the file of the description, then pairs of a schema's name and a file with an answer.
"""

import json
import sys

from jsonschema import Draft202012Validator
from openapi_spec_validator import validate

description = json.load(open(sys.argv[1]))
validate(description)
for name, path in zip(sys.argv[2::2], sys.argv[3::2]):
    schema = {"$ref": f"#/components/schemas/{name}", "components": description["components"]}
    faults = list(Draft202012Validator(schema).iter_errors(json.load(open(path))))
    for fault in faults:
        print(f"{path} as {name}: {fault.json_path}: {fault.message}", file=sys.stderr)
    if faults:
        sys.exit(1)

"""Holds runbooks of SSM Automation against AWS's own schema of them: reads {name: content} from standard input, and writes what is
wrong, as "name place: message".

The schema is dist/schema.json of the npm package aws-ssm-document-language-service 1.0.0 (Apache-2.0), which AWS's editors check by:
https://github.com/aws/amazon-ssm-document-language-service. It is of 2020, older than some of what SSM takes today.
"""

import json, pathlib, sys

from jsonschema import Draft7Validator

schema = json.loads((pathlib.Path(__file__).parent / "ssm-automation.schema.json").read_text())
Draft7Validator.check_schema(schema)


def wrong(name, content):
    for error in Draft7Validator(schema).iter_errors(content):
        # Of what may be several things, what the value itself is not.
        own = [one for one in error.context if len(one.absolute_path) == len(error.absolute_path)]
        yield f"{name} {'/'.join(map(str, error.absolute_path))}: {(own[0] if own else error).message}"


print(json.dumps([line for name, content in json.load(sys.stdin).items() for line in wrong(name, content)]))

"""Holds the API Gateway's description against programs that are not ours: reads {description, document, bodies} from standard input.

description: OpenAPI 3.1, as our routes generate it. document: what API Gateway imports. bodies: {operationId: [request body, ...]}.
"""

import copy, json, os, random, sys

os.environ.update(AWS_ACCESS_KEY_ID="test", AWS_SECRET_ACCESS_KEY="test", AWS_DEFAULT_REGION="eu-central-1")

import boto3
from jsonschema import Draft4Validator, Draft202012Validator
from moto import mock_aws
from openapi_spec_validator import validate


def import_it(document):
    """Resources and methods, as an API Gateway has them that imported the document: `GET /executions gateway-arn`."""
    with mock_aws():
        client = boto3.client("apigateway")
        api = client.import_rest_api(body=json.dumps(document).encode(), failOnWarnings=True)
        resources = client.get_resources(restApiId=api["id"], limit=500)["items"]
        methods = [
            f"{method} {resource['path']} {found['methodIntegration']['type']} {found['methodIntegration']['uri']}"
            for resource in resources
            for method in resource.get("resourceMethods", {})
            for found in [client.get_method(restApiId=api["id"], resourceId=resource["id"], httpMethod=method)]
        ]
        return {"resources": len(resources), "methods": sorted(methods)}


def operations(api):
    return {o["operationId"]: o for methods in api["paths"].values() for o in methods.values()}


def validators(api, draft):
    """Of each operation that has a model for its body."""
    found = {}
    for name, operation in operations(api).items():
        schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
        if schema is not None:
            found[name] = draft({**schema, "components": api["components"]})
            found[name].check_schema(found[name].schema)
    return found


ODD = ["", "x", "x" * 3000, 0, -1, 1.5, 10**9, True, None, [], {}, ["x"] * 60, {"x": "y"}, {"x" * 200: {}}, "2026-01-01T00:00:00Z"]


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in items:
        yield from places(inner, (*path, key))


def mutated(body, rng):
    """The body with a few places changed, removed or added to."""
    body = copy.deepcopy(body)
    for _ in range(rng.randint(1, 3)):
        path = rng.choice(list(places(body)))
        if not path:
            if isinstance(body, dict):
                body[rng.choice(["x", "name", "type", "mode", "tags"])] = rng.choice(ODD)
            continue
        holder = body
        for key in path[:-1]:
            holder = holder[key]
        if rng.random() < 0.3:
            del holder[path[-1]]
        else:
            holder[path[-1]] = copy.deepcopy(rng.choice(ODD))
    return body


def compare(description, document, bodies):
    """Runs good and mutated bodies against both. `stricter` must stay empty: the gateway refuses what the function would take."""
    exact, gateway = validators(description, Draft202012Validator), validators(document, Draft4Validator)
    result = {"models": sorted(gateway), "refused": [], "stricter": [], "tried": 0, "bothRefuse": 0, "looser": []}
    rng = random.Random(4)
    for name, given in bodies.items():
        for body in given:
            result["refused"] += [f"{name}: {e.json_path} {e.message}" for e in gateway[name].iter_errors(body)]
        for _ in range(400):
            body = mutated(rng.choice(given), rng)
            ours, its = exact[name].is_valid(body), gateway[name].is_valid(body)
            result["tried"] += 1
            result["bothRefuse"] += not ours and not its
            if ours and not its:
                result["stricter"].append({name: body})
            if its and not ours:
                keyword = next(exact[name].iter_errors(body))
                result["looser"].append(list(keyword.absolute_schema_path)[-1])
    result["looser"] = sorted(set(map(str, result["looser"])))
    return result


given = json.load(sys.stdin)
validate(given["document"])
print(json.dumps({**import_it(given["document"]), **compare(given["description"], given["document"], given["bodies"])}))

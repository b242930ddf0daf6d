"""Which events match which patterns, as moto has EventBridge: [[pattern, event], …] on stdin, [bool, …] on stdout."""
import json
import sys

from moto.events.models import EventPatternParser, EventPattern

answers = []
for pattern, event in json.load(sys.stdin):
    text = json.dumps(pattern)
    answers.append(EventPattern(text, EventPatternParser(text).parse()).matches_event(event))
print(json.dumps(answers))

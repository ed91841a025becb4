"""Gives the cases of fuzz/api.sh ids of things that exist, in seven of ten places where an id is wanted.

Random ids are ids of nothing, so without this most requests would end at "not found".
"""

import json
import os
import random
import urllib.request

import schemathesis

URL = os.environ["SPROUT_URL"]
USER = "00000000-0000-0000-0000-000000000000"
random_ids = random.Random(1)


def post(path, body):
    request = urllib.request.Request(
        URL + path, json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST"
    )
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)["id"]


def plant():
    """Makes a few of everything and returns the ids by kind."""
    ids = {"users": [USER]}
    add = lambda kind, path, body: ids.setdefault(kind, []).append(post(path, body)) or ids[kind][-1]
    for number in range(8):
        branch = add("branches", "/api/branches", {"title": f"branch {number}", "userId": USER})
        root = add("nodes", "/api/nodes", {"userId": USER, "type": "root", "title": "root", "branchId": branch})
        concept = add("nodes", "/api/nodes", {"userId": USER, "type": "concept", "title": "c", "parentId": root})
        next_concept = add("nodes", "/api/nodes", {"userId": USER, "type": "concept", "title": "d", "parentId": root})
        add("edges", "/api/edges", {"sourceNodeId": concept, "targetNodeId": next_concept})
        add("contents", f"/api/nodes/{concept}/contents", {"explanationMd": "some words"})
        quiz = add("assessments", "/api/assessments", {"userId": USER, "targetNodeId": concept, "type": "recall"})
        question = {"format": "mcq", "prompt": "?", "options": ["a", "b"], "correctAnswer": "a"}
        add("questions", f"/api/assessments/{quiz}/questions", question)
        add("progress", "/api/progress", {"userId": USER, "nodeId": concept})
        chat = add("chat", "/api/chat/sessions", {"userId": USER, "nodeId": concept})
        add("messages", f"/api/chat/sessions/{chat}/messages", {"userId": USER, "role": "user", "content": "hi"})
    return ids


IDS = plant()

# The kind of thing that a field of a body or a query names.
FIELDS = {
    "userId": "users",
    "branchId": "branches",
    "parentId": "nodes",
    "nodeId": "nodes",
    "targetNodeId": "nodes",
    "sourceNodeId": "nodes",
    "questionId": "questions",
    "sessionId": "chat",
    "requestMessageId": "messages",
    "responseMessageId": "messages",
}


def name(kind, value):
    return random_ids.choice(IDS[kind]) if random_ids.random() < 0.7 else value


def name_fields(values):
    if not isinstance(values, dict):
        return values
    # What is to be refused for its type or its emptiness stays so.
    return {
        key: name(FIELDS[key], value) if key in FIELDS and isinstance(value, str) and value else value
        for key, value in values.items()
    }


@schemathesis.hook
def map_body(context, body):
    return name_fields(body)


@schemathesis.hook
def filter_body(context, body):
    """Leaves out what no request can say: a part of multipart/form-data is bytes, so a number in the place of a file is a
    file with digits, and one value in the place of the array is an array of one. Taking these is right, and
    `negative_data_rejection` would call it a fault."""
    if context.operation.method.lower() != "post" or not context.operation.path.endswith("/documents"):
        return True
    files = body.get("files") if isinstance(body, dict) else None
    return files is None or (isinstance(files, list) and all(isinstance(file, (str, bytes)) for file in files))


@schemathesis.hook
def map_query(context, query):
    return name_fields(query)


@schemathesis.hook
def map_path_parameters(context, parameters):
    kind = context.operation.path.split("/")[2]
    if isinstance(parameters, dict) and "id" in parameters and kind in IDS:
        parameters = {**parameters, "id": name(kind, parameters["id"])}
    return parameters

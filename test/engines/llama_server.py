"""Serves one GGUF file as a real llama-server for the project's tests.

Settings come as one JSON object on the first line of stdin: model, port, slots, context (tokens of one slot), threads, template, key.
Prints READY once it serves. Ends when stdin closes, so that it never outlives the process that started it.
"""

import json
import os
import sys

import xllamacpp

settings = json.loads(sys.stdin.readline())

params = xllamacpp.CommonParams()
params.model.path = settings["model"]
params.model_alias = {"smollm2"}
params.hostnames = ["127.0.0.1"]
params.port = settings["port"]
params.n_parallel = settings["slots"]
params.n_ctx = settings["slots"] * settings["context"]
params.cpuparams.n_threads = settings["threads"]
params.cpuparams_batch.n_threads = settings["threads"]
params.use_jinja = True
params.endpoint_slots = True
params.endpoint_props = True
if settings.get("template"):
    params.chat_template = settings["template"]
if settings.get("key"):
    params.api_keys = [settings["key"]]

server = xllamacpp.Server(params)
print("READY", flush=True)
sys.stdin.read()
# The server's own threads would keep the interpreter alive.
os._exit(0)

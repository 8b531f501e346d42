"""The least that a boto3 script needs to do what `ssmm exec -- true` does: two layers, one after the other, then become `true`."""

import os
import sys

import boto3

client = boto3.client("ssm")
environment = dict(os.environ)
for path in sys.argv[1:]:
    for page in client.get_paginator("get_parameters_by_path").paginate(Path=path, Recursive=True, WithDecryption=True):
        for parameter in page["Parameters"]:
            environment[parameter["Name"].rpartition("/")[2].upper().replace("-", "_")] = parameter["Value"]
os.execvpe("true", ["true"], environment)

"""The bare paginator over one path."""

import sys

import boto3

pages = boto3.client("ssm").get_paginator("get_parameters_by_path").paginate(Path=sys.argv[1], Recursive=True)
print(sum(len(page["Parameters"]) for page in pages))

"""Each test has an endpoint of its own: a fork of the one in AWS_ENDPOINT_URL."""

import json
import os
import urllib.request

import boto3
import pytest

URL = os.environ["AWS_ENDPOINT_URL"]


def call(method, path):
    request = urllib.request.Request(URL + path, method=method)
    with urllib.request.urlopen(request) as response:
        return json.loads(response.read() or "null")


@pytest.fixture
def s3():
    fork = call("POST", "/_/forks?from=start")
    yield boto3.client("s3", endpoint_url=fork["url"])
    call("DELETE", "/_/forks/" + fork["name"])


@pytest.mark.parametrize("key", ["a", "a b+é", "x/y/"])
def test_upload(s3, key):
    assert "Contents" not in s3.list_objects_v2(Bucket="photos")
    s3.put_object(Bucket="photos", Key=key, Body=b"1")
    assert s3.get_object(Bucket="photos", Key=key)["Body"].read() == b"1"
    assert [o["Key"] for o in s3.list_objects_v2(Bucket="photos")["Contents"]] == [key]

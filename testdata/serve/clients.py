"""Asks a service by the clients that people use: boto3's sagemaker-runtime, huggingface_hub, urllib.

usage: clients.py URL CLIP
Needs boto3 and huggingface_hub (requirements.txt). The service must have no token.
"""

import json
import sys
import urllib.request

import boto3
from botocore.config import Config
from huggingface_hub import InferenceClient

url, clip = sys.argv[1].rstrip("/"), sys.argv[2]
sound = open(clip, "rb").read()


def plain(path, **headers):
    # urllib says that a body is a form unless it is told otherwise.
    headers = {"Content-Type": "audio/wav", **headers}
    request = urllib.request.Request(url + path, data=sound, headers=headers)
    with urllib.request.urlopen(request) as answer:
        return answer.read(), answer.headers


# What every other client has to find: the scores by the plainest of requests.
expected = json.loads(plain("/invocations")[0])
assert set(expected) == {"label", "probability"}, expected
names = json.loads(plain("/invocations", Accept="application/json")[0])["names"]
print("urllib:", names[expected["label"]], max(expected["probability"]))

runtime = boto3.client(
    "sagemaker-runtime",
    endpoint_url=url,
    region_name="eu-central-1",
    aws_access_key_id="none",
    aws_secret_access_key="none",
    config=Config(retries={"max_attempts": 1}),
)
for accept, read in [
    ("text/json", lambda body: json.loads(body)["probability"]),
    ("application/json", lambda body: json.loads(body)["probability"]),
    ("application/jsonlines", lambda body: json.loads(body)["probability"]),
    ("text/csv", lambda body: [float(cell) for cell in body.decode().strip().split(",")[1:]]),
]:
    answer = runtime.invoke_endpoint(EndpointName="woofer", ContentType="audio/wav", Accept=accept, Body=sound)
    body = answer["Body"].read()
    assert answer["ContentType"].startswith(accept), answer["ContentType"]
    assert read(body) == expected["probability"], body
    print("boto3:", accept, body[:60])
answer = runtime.invoke_endpoint(EndpointName="woofer", ContentType="application/octet-stream", Body=sound)
assert json.loads(answer["Body"].read()) == expected
try:
    runtime.invoke_endpoint(EndpointName="woofer", ContentType="text/plain", Body=sound)
    raise SystemExit("boto3: text/plain was taken")
except runtime.exceptions.ClientError as error:
    assert error.response["ResponseMetadata"]["HTTPStatusCode"] == 415, error.response
    print("boto3: text/plain is refused:", error.response["ResponseMetadata"]["HTTPStatusCode"])

model = json.loads(urllib.request.urlopen(url + "/v1/models").read())["models"][0]["name"]
for address in [url + "/", f"{url}/models/{model}"]:
    client = InferenceClient(model=address, provider="hf-inference", token="none")
    best = client.audio_classification(clip, top_k=2)
    assert len(best) == 2 and best[0].label == names[expected["label"]], best
    assert abs(best[0].score - max(expected["probability"])) < 1e-9, best
    print("huggingface_hub:", address, best[0])
print("all well")

"""What the tests of Bedrock share: a client, and the check of a signature."""

import re
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials

from scripted_upstream import Request


def bedrock_client(url: str) -> Any:
    """A client of Bedrock with credentials that the proxy does not know."""
    return boto3.client(
        "bedrock-runtime",
        region_name="us-east-1",
        endpoint_url=url,
        aws_access_key_id="AKIDCLIENT",
        aws_secret_access_key="unknown to the proxy",
        config=Config(retries={"mode": "standard", "total_max_attempts": 1}),
    )


def is_signed_by_the_proxy(request: Request) -> bool:
    """Whether the request bears a valid signature of the credentials in the environment."""
    said = request.header("authorization")
    names = re.findall(r"SignedHeaders=([^,]+)", said)[0].split(";")
    signed = AWSRequest(
        method=request.method,
        url=f"http://{request.header('host')}{request.target}",
        headers={name: request.header(name) for name in names},
        data=request.body,
    )
    signed.context["timestamp"] = request.header("x-amz-date")
    auth = SigV4Auth(Credentials("AKIDEXAMPLE", "secret"), "bedrock", "us-east-1")
    text = auth.string_to_sign(signed, auth.canonical_request(signed))
    return said.endswith(f"Signature={auth.signature(text, signed)}")

"""The servers that these tests talk to. Each ends with the `with` block that started it."""

import json
import logging
import os
import pathlib
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

LAUNCHER = pathlib.Path(__file__).parents[2] / "bin" / "hydrant"
REGION = "us-east-1"
KEY_ID = "AKIAPRODUCER"
SECRET = "a/secret+of=the producer"
READY_SECONDS_MAX = 60


@dataclass(frozen=True)
class Hydrant:
    """A server that verifies signatures and knows one key: KEY_ID and SECRET."""

    api_url: str
    admin_url: str
    buckets: pathlib.Path

    def client(self, **options):
        """The unmodified client of boto3, which makes one attempt."""
        once = Config(retries={"total_max_attempts": 1})
        return client("firehose", self.api_url, **{"config": once, **options})

    def flush(self, stream: str, seconds: int = 120) -> list[dict]:
        """Delivers all that a stream holds, and answers which objects that made. HTTPError when it takes longer."""
        url = f"{self.admin_url}/streams/{stream}/flush?timeout-seconds={seconds}"
        request = urllib.request.Request(url, method="POST")
        with urllib.request.urlopen(request) as answer:
            return json.load(answer)["delivered"]

    def create_stream(self, name: str, **destination) -> None:
        """Creates a stream into the bucket of its name, and waits until it is ACTIVE."""
        firehose = self.client()
        firehose.create_delivery_stream(
            DeliveryStreamName=name,
            ExtendedS3DestinationConfiguration={
                "RoleARN": "arn:aws:iam::000000000000:role/delivery",
                "BucketARN": f"arn:aws:s3:::{name}",
                **destination,
            },
        )
        while describe(firehose, name)["DeliveryStreamStatus"] != "ACTIVE":
            time.sleep(0.02)

    def objects(self, bucket: str) -> dict[str, bytes]:
        """The objects of a bucket that is a folder, by key."""
        folder = self.buckets / bucket
        files = [file for file in folder.rglob("*") if file.is_file()]
        return {str(file.relative_to(folder)): file.read_bytes() for file in sorted(files)}


def client(service: str, url: str, **options):
    keys = {"aws_access_key_id": KEY_ID, "aws_secret_access_key": SECRET}
    return boto3.client(service, endpoint_url=url, region_name=REGION, **{**keys, **options})


def describe(firehose, name: str) -> dict:
    return firehose.describe_delivery_stream(DeliveryStreamName=name)["DeliveryStreamDescription"]


@contextmanager
def hydrant(*more_flags: str, **environment: str) -> Iterator[Hydrant]:
    """Starts `bin/hydrant serve` in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="hydrant-servers-") as name:
        folder = pathlib.Path(name)
        keys = f"[producer]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n"
        (folder / "keys").write_text(keys)
        flags = "--listen-port 0 --admin-listen-port 0 --data-folder data --credentials keys --log-format json"
        with open(folder / "log", "w") as log:
            process = subprocess.Popen(
                ["node", LAUNCHER, "serve", *flags.split(), *more_flags],
                cwd=folder,
                env={"PATH": os.environ["PATH"], "HOME": name, **environment},
                stdout=log,
                stderr=log,
            )
        try:
            ready = wait_until_ready(process, folder / "log")
            yield Hydrant(ready["api"], ready["admin"], folder / "data" / "buckets")
        finally:
            process.kill()
            process.wait()


def wait_until_ready(process: subprocess.Popen, log: pathlib.Path) -> dict:
    """The line that the server logs when it is ready."""
    deadline = time.monotonic() + READY_SECONDS_MAX
    while process.poll() is None and time.monotonic() < deadline:
        for line in log.read_text().splitlines():
            if '"Hydrant is ready"' in line:
                return json.loads(line)
        time.sleep(0.05)
    raise RuntimeError(f"Hydrant did not get ready:\n{log.read_text()}")


@contextmanager
def moto() -> Iterator[str]:
    """Starts moto's server, S3 and KMS in Python. Answers its URL."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        host, port = server.get_host_and_port()
        yield f"http://{host}:{port}"
    finally:
        server.stop()

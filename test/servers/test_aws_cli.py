"""The AWS CLI, which knows nothing of Hydrant but its URL."""

import json
import os
import pathlib
import subprocess
import sys
import unittest
from contextlib import ExitStack

from servers import KEY_ID, REGION, SECRET, hydrant

AWS = pathlib.Path(sys.executable).parent / "aws"


class AwsCli(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        cls.server = stack.enter_context(hydrant())

    def aws(self, *args: str, **environment: str) -> subprocess.CompletedProcess:
        keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": REGION}
        return subprocess.run(
            [AWS, "firehose", *args],
            env={"PATH": os.environ["PATH"], "HOME": "/nonexistent", "AWS_DEFAULT_REGION": REGION, **keys, **environment},
            capture_output=True,
            text=True,
            check=False,
        )

    def answer(self, *args: str, **environment: str) -> dict:
        done = self.aws(*args, **environment)
        self.assertEqual(done.returncode, 0, done.stderr)
        return json.loads(done.stdout or "{}")

    def test_an_empty_server_has_no_streams(self):
        with hydrant() as empty:
            answer = self.answer("list-delivery-streams", "--endpoint-url", empty.api_url)
        self.assertEqual(answer, {"DeliveryStreamNames": [], "HasMoreDeliveryStreams": False})

    def test_a_record_put_at_an_endpoint_url_is_found_in_an_object(self):
        self.server.create_stream("flag")
        record = json.dumps({"Data": '{"mag":9.9,"place":"my desk"}\n'})
        put = ("put-record", "--delivery-stream-name", "flag", "--record", record)
        self.assertIn("RecordId", self.answer(*put, "--endpoint-url", self.server.api_url))
        [delivered] = self.server.flush("flag")
        [(key, content)] = self.server.objects("flag").items()
        self.assertEqual(delivered["location"], f"s3://flag/{key}")
        self.assertEqual(content, b'{"mag":9.9,"place":"my desk"}\n')

    def test_the_variable_of_the_service_is_enough(self):
        url = {"AWS_ENDPOINT_URL_FIREHOSE": self.server.api_url}
        configuration = "RoleARN=arn:aws:iam::000000000000:role/delivery,BucketARN=arn:aws:s3:::variable"
        name = ("--delivery-stream-name", "variable")
        self.answer("create-delivery-stream", *name, "--extended-s3-destination-configuration", configuration, **url)
        status = "CREATING"
        while status == "CREATING":
            status = self.answer("describe-delivery-stream", *name, **url)["DeliveryStreamDescription"]["DeliveryStreamStatus"]
        self.assertEqual(status, "ACTIVE")
        records = json.dumps([{"Data": "one"}, {"Data": "two"}])
        answer = self.answer("put-record-batch", *name, "--records", records, **url)
        self.assertEqual(answer["FailedPutCount"], 0)
        self.server.flush("variable")
        self.assertEqual(list(self.server.objects("variable").values()), [b"onetwo"])
        self.answer("delete-delivery-stream", *name, **url)

    def test_an_error_is_told_with_its_name_and_message(self):
        done = self.aws("describe-delivery-stream", "--delivery-stream-name", "absent", "--endpoint-url", self.server.api_url)
        self.assertNotEqual(done.returncode, 0)
        self.assertIn("(ResourceNotFoundException)", done.stderr)
        self.assertIn("Firehose absent under account 000000000000 not found.", done.stderr)


if __name__ == "__main__":
    unittest.main()

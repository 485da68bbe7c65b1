"""A Lambda processor by a Lambda that others wrote: moto's, which answers what it was told to, and else what it was sent."""

import io
import json
import unittest
import urllib.request
import zipfile
from contextlib import ExitStack

from servers import KEY_ID, REGION, SECRET, client, hydrant, moto


class Lambda(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        cls.url = stack.enter_context(moto())
        cls.ask_moto("/moto-api/config", {"lambda": {"use_docker": False}})
        cls.role = client("iam", cls.url).create_role(RoleName="orders", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
        cls.server = stack.enter_context(
            hydrant(
                AWS_ENDPOINT_URL_LAMBDA=cls.url, AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=SECRET, AWS_REGION=REGION
            )
        )

    @classmethod
    def ask_moto(cls, path: str, body: dict) -> None:
        headers = {"content-type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(cls.url + path, json.dumps(body).encode(), headers, method="POST"))

    def errors_of(self, name: str) -> list[dict]:
        """What becomes of two records, put into a stream whose function is of its name."""
        code = io.BytesIO()
        with zipfile.ZipFile(code, "w") as file:
            file.writestr("orders.py", "")
        arn = client("lambda", self.url).create_function(
            FunctionName=name, Runtime="python3.12", Role=self.role, Handler="orders.handler", Code={"ZipFile": code.getvalue()}
        )["FunctionArn"]
        parameters = [{"ParameterName": "LambdaArn", "ParameterValue": arn}]
        self.server.create_stream(
            name, ProcessingConfiguration={"Enabled": True, "Processors": [{"Type": "Lambda", "Parameters": parameters}]}
        )
        self.server.client().put_record_batch(DeliveryStreamName=name, Records=[{"Data": b"a"}, {"Data": b"b"}])
        self.server.flush(name)
        objects = self.server.objects(name)
        self.assertTrue(all(key.startswith("processing-failed/") for key in objects), objects)
        lines = [json.loads(line) for content in objects.values() for line in content.splitlines()]
        for line in lines:
            self.assertIn(f"{arn}:$LATEST", line.values())
        return lines

    def test_a_function_is_invoked_and_its_answer_is_read(self):
        answer = {"results": [json.dumps({"records": []})], "region": REGION}
        self.ask_moto("/moto-api/static/lambda-simple/response", answer)
        lines = self.errors_of("missing")
        self.assertEqual({line["errorCode"] for line in lines}, {"Lambda.MissingRecordId"})
        self.assertEqual([line["rawData"] for line in lines], ["YQ==", "Yg=="])

    def test_the_event_comes_back_as_it_was_sent_and_has_no_results(self):
        lines = self.errors_of("echo")
        self.assertEqual({line["errorCode"] for line in lines}, {"Lambda.FunctionError"})
        self.assertEqual({line["attemptsMade"] for line in lines}, {1})

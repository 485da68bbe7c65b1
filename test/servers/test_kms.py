"""Server-side encryption by a KMS that others wrote: moto's, and boto3 as the client of both."""

import pathlib
import time
import unittest
from contextlib import ExitStack

from servers import KEY_ID, REGION, SECRET, client, describe, hydrant, moto

MARKER = b"the-plain-text-of-a-record"


class Kms(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        url = stack.enter_context(moto())
        cls.kms = client("kms", url)
        cls.server = stack.enter_context(
            hydrant(AWS_ENDPOINT_URL_KMS=url, AWS_ACCESS_KEY_ID=KEY_ID, AWS_SECRET_ACCESS_KEY=SECRET, AWS_REGION=REGION)
        )
        cls.firehose = cls.server.client()

    def make_key(self) -> str:
        return self.kms.create_key()["KeyMetadata"]["Arn"]

    def encrypt(self, name: str, arn: str) -> dict:
        self.firehose.start_delivery_stream_encryption(
            DeliveryStreamName=name,
            DeliveryStreamEncryptionConfigurationInput={"KeyType": "CUSTOMER_MANAGED_CMK", "KeyARN": arn},
        )
        while (encryption := self.encryption(name))["Status"] == "ENABLING":
            time.sleep(0.02)
        return encryption

    def encryption(self, name: str) -> dict:
        return describe(self.firehose, name)["DeliveryStreamEncryptionConfiguration"]

    def test_records_are_sealed_under_a_key_of_kms_and_delivered(self):
        self.server.create_stream("sealed")
        arn = self.make_key()
        encryption = self.encrypt("sealed", arn)
        self.assertEqual(encryption, {"KeyARN": arn, "KeyType": "CUSTOMER_MANAGED_CMK", "Status": "ENABLED"})
        put = self.firehose.put_record(DeliveryStreamName="sealed", Record={"Data": MARKER})
        self.assertTrue(put["Encrypted"])
        log: pathlib.Path = self.server.buckets.parent / "log"
        segments = [file.read_bytes() for file in log.rglob("*.segment")]
        self.assertTrue(segments)
        self.assertFalse(any(MARKER in segment for segment in segments))
        self.server.flush("sealed")
        self.assertEqual(list(self.server.objects("sealed").values()), [MARKER])

    def test_a_key_that_is_not_there_is_refused_with_the_exception_of_kms(self):
        self.server.create_stream("refused")
        missing = self.make_key().rsplit("/", 1)[0] + "/00000000-0000-0000-0000-000000000000"
        with self.assertRaises(self.firehose.exceptions.InvalidKMSResourceException) as caught:
            self.encrypt("refused", missing)
        self.assertEqual(caught.exception.response["code"], "NotFoundException")
        self.assertEqual(self.encryption("refused"), {"Status": "DISABLED"})

"""Every operation through boto3, unmodified: spec/clients.md, section 13, item 1."""

import time
import unittest
from contextlib import ExitStack

from botocore.exceptions import ClientError
from servers import REGION, describe, hydrant

ROLE = "arn:aws:iam::000000000000:role/delivery"


class Boto3(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        cls.server = stack.enter_context(hydrant())
        cls.firehose = cls.server.client()

    def test_a_stream_lives_from_its_creation_to_its_deletion(self):
        firehose = self.firehose
        created = firehose.create_delivery_stream(
            DeliveryStreamName="life",
            DeliveryStreamType="DirectPut",
            ExtendedS3DestinationConfiguration={"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::life", "Prefix": "one/"},
            Tags=[{"Key": "team", "Value": "data"}],
        )
        arn = f"arn:aws:firehose:{REGION}:000000000000:deliverystream/life"
        self.assertEqual(created["DeliveryStreamARN"], arn)
        while (described := describe(firehose, "life"))["DeliveryStreamStatus"] == "CREATING":
            time.sleep(0.02)
        self.assertEqual(described["DeliveryStreamStatus"], "ACTIVE")
        self.assertEqual(described["VersionId"], "1")
        self.assertLess(abs(described["CreateTimestamp"].timestamp() - time.time()), 60)
        [destination] = described["Destinations"]
        self.assertEqual(destination["ExtendedS3DestinationDescription"]["Prefix"], "one/")

        one = firehose.put_record(DeliveryStreamName="life", Record={"Data": b"one\n"})
        batch = firehose.put_record_batch(
            DeliveryStreamName="life", Records=[{"Data": b"two\n"}, {"Data": bytes(range(256))}]
        )
        self.assertEqual(batch["FailedPutCount"], 0)
        self.assertFalse(batch["Encrypted"])
        ids = [one["RecordId"], *(entry["RecordId"] for entry in batch["RequestResponses"])]
        self.assertEqual(len(set(ids)), 3)
        self.server.flush("life")
        [(key, content)] = self.server.objects("life").items()
        self.assertRegex(key, r"^one/\d{4}/\d\d/\d\d/\d\d/life-1-")
        self.assertEqual(content, b"one\ntwo\n" + bytes(range(256)))

        firehose.update_destination(
            DeliveryStreamName="life",
            CurrentDeliveryStreamVersionId="1",
            DestinationId=destination["DestinationId"],
            ExtendedS3DestinationUpdate={"Prefix": "two/"},
        )
        described = describe(firehose, "life")
        self.assertEqual(described["VersionId"], "2")
        self.assertIn("LastUpdateTimestamp", described)

        firehose.tag_delivery_stream(DeliveryStreamName="life", Tags=[{"Key": "cost", "Value": "42"}])
        firehose.untag_delivery_stream(DeliveryStreamName="life", TagKeys=["team"])
        listed = firehose.list_tags_for_delivery_stream(DeliveryStreamName="life")
        self.assertEqual(listed["Tags"], [{"Key": "cost", "Value": "42"}])
        self.assertFalse(listed["HasMoreTags"])

        firehose.delete_delivery_stream(DeliveryStreamName="life")
        with self.assertRaises(firehose.exceptions.ResourceNotFoundException):
            while describe(firehose, "life")["DeliveryStreamStatus"] == "DELETING":
                time.sleep(0.02)

    def test_streams_are_listed_by_the_page(self):
        # After all that other tests make.
        names = [f"zz-{number:02}" for number in range(12)]
        for name in names:
            self.server.create_stream(name)
        options = {"DeliveryStreamType": "DirectPut", "ExclusiveStartDeliveryStreamName": "zz"}
        first = self.firehose.list_delivery_streams(**options)
        self.assertEqual((first["DeliveryStreamNames"], first["HasMoreDeliveryStreams"]), (names[:10], True))
        options["ExclusiveStartDeliveryStreamName"] = names[9]
        rest = self.firehose.list_delivery_streams(**options)
        self.assertEqual((rest["DeliveryStreamNames"], rest["HasMoreDeliveryStreams"]), (names[10:], False))

    def test_encryption_is_started_and_stopped(self):
        self.server.create_stream("sealed")
        self.firehose.start_delivery_stream_encryption(DeliveryStreamName="sealed")
        self.assertEqual(self.settled_encryption("sealed"), {"KeyType": "AWS_OWNED_CMK", "Status": "ENABLED"})
        put = self.firehose.put_record(DeliveryStreamName="sealed", Record={"Data": b"one"})
        self.assertTrue(put["Encrypted"])
        with self.assertRaises(self.firehose.exceptions.InvalidKMSResourceException):
            self.firehose.start_delivery_stream_encryption(
                DeliveryStreamName="sealed",
                DeliveryStreamEncryptionConfigurationInput={
                    "KeyType": "CUSTOMER_MANAGED_CMK",
                    "KeyARN": f"arn:aws:kms:{REGION}:000000000000:key/none",
                },
            )
        self.firehose.stop_delivery_stream_encryption(DeliveryStreamName="sealed")
        self.assertEqual(self.settled_encryption("sealed"), {"Status": "DISABLED"})
        self.server.flush("sealed")
        self.assertEqual(list(self.server.objects("sealed").values()), [b"one"])

    def settled_encryption(self, stream: str) -> dict:
        while True:
            encryption = describe(self.firehose, stream)["DeliveryStreamEncryptionConfiguration"]
            if encryption["Status"] not in ("ENABLING", "DISABLING"):
                return encryption
            time.sleep(0.02)

    def test_modelled_exceptions_are_caught_by_name(self):
        self.server.create_stream("taken")
        errors = self.firehose.exceptions
        destination = {"RoleARN": ROLE, "BucketARN": "arn:aws:s3:::taken"}
        update = {
            "DeliveryStreamName": "taken",
            "DestinationId": "destinationId-000000000001",
            "ExtendedS3DestinationUpdate": {},
        }
        cases = [
            (
                errors.ResourceInUseException,
                lambda: self.firehose.create_delivery_stream(
                    DeliveryStreamName="taken", ExtendedS3DestinationConfiguration=destination
                ),
            ),
            (
                errors.ResourceNotFoundException,
                lambda: self.firehose.put_record(DeliveryStreamName="absent", Record={"Data": b"x"}),
            ),
            (
                errors.InvalidArgumentException,
                lambda: self.firehose.create_delivery_stream(DeliveryStreamName="nowhere"),
            ),
            (
                errors.ConcurrentModificationException,
                lambda: self.firehose.update_destination(CurrentDeliveryStreamVersionId="7", **update),
            ),
            (
                errors.LimitExceededException,
                lambda: [
                    self.firehose.tag_delivery_stream(
                        DeliveryStreamName="taken",
                        Tags=[{"Key": f"{half}-{number}", "Value": ""} for number in range(26)],
                    )
                    for half in ("one", "two")
                ],
            ),
        ]
        for expected, call in cases:
            with self.subTest(expected.__name__), self.assertRaises(expected) as caught:
                call()
            metadata = caught.exception.response["ResponseMetadata"]
            self.assertEqual(metadata["HTTPStatusCode"], 400)
            self.assertRegex(metadata["RequestId"], r"^[0-9a-f-]{36}$")

    def test_errors_that_the_model_does_not_have_are_told_by_code(self):
        cases = [
            ("ValidationException", {}, {"DeliveryStreamName": "no spaces", "Record": {"Data": b""}}),
            ("ValidationException", {}, {"DeliveryStreamName": "x", "Record": {"Data": bytes(1_024_001)}}),
            ("InvalidSignatureException", {"aws_secret_access_key": "guessed"}, None),
            ("UnrecognizedClientException", {"aws_access_key_id": "AKIASTRANGER"}, None),
        ]
        for code, options, put in cases:
            with self.subTest(code, options=options), self.assertRaises(ClientError) as caught:
                self.server.client(**options).put_record(**(put or {"DeliveryStreamName": "x", "Record": {"Data": b""}}))
            self.assertEqual(caught.exception.response["Error"]["Code"], code)


if __name__ == "__main__":
    unittest.main()

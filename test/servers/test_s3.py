"""Delivery to S3 servers that others wrote, read back by boto3: moto's, and Ceph's radosgw where it is installed."""

import gzip
import random
import unittest
from contextlib import ExitStack
from urllib.error import HTTPError

import ceph
from servers import KEY_ID, REGION, SECRET, client, hydrant, moto

MEBIBYTE = 1024 * 1024


class S3:
    """What holds for every S3. `url` is a context manager that answers where it is."""

    url = None
    flags: tuple[str, ...] = ()

    @classmethod
    def setUpClass(cls):
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        url = stack.enter_context(cls.url())
        keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET}
        cls.server = stack.enter_context(hydrant(*cls.flags, AWS_ENDPOINT_URL_S3=url, AWS_REGION=REGION, **keys))
        cls.s3 = client("s3", url)

    def create_stream(self, name: str, **destination) -> None:
        self.s3.create_bucket(Bucket=name)
        self.server.create_stream(name, **destination)

    def put(self, stream: str, *records: bytes) -> None:
        self.server.client().put_record_batch(DeliveryStreamName=stream, Records=[{"Data": data} for data in records])

    def only_object(self, bucket: str) -> dict:
        [listed] = self.s3.list_objects_v2(Bucket=bucket)["Contents"]
        return self.s3.get_object(Bucket=bucket, Key=listed["Key"])

    def test_a_small_object_is_put_with_what_is_said_of_it(self):
        self.create_stream("small", CompressionFormat="GZIP", Prefix="a prefix/+&é/")
        self.put("small", b"content")
        [delivered] = self.server.flush("small")
        found = self.only_object("small")
        self.assertEqual(gzip.decompress(found["Body"].read()), b"content")
        self.assertEqual((found["ContentType"], found["ContentEncoding"]), ("application/octet-stream", "gzip"))
        [listed] = self.s3.list_objects_v2(Bucket="small")["Contents"]
        self.assertEqual(delivered["location"], f"s3://small/{listed['Key']}")
        self.assertTrue(listed["Key"].startswith("a prefix/+&é/"), listed["Key"])

    def test_an_object_of_20_mib_is_put_in_parts(self):
        self.create_stream("large", BufferingHints={"SizeInMBs": 64, "IntervalInSeconds": 900})
        records = [random.Random(number).randbytes(MEBIBYTE // 2) for number in range(40)]
        for first in range(0, len(records), 8):
            self.put("large", *records[first : first + 8])
        self.server.flush("large")
        found = self.only_object("large")
        self.assertEqual(found["Body"].read(), b"".join(records))
        self.assertRegex(found["ETag"], r'-3"$', "three parts of at most 8 MiB")
        self.assertFalse(self.s3.list_multipart_uploads(Bucket="large").get("Uploads"))

    def test_records_wait_for_a_bucket_that_is_not_there(self):
        self.server.create_stream("late")
        self.put("late", b"content")
        with self.assertRaisesRegex(HTTPError, "504"):
            self.server.flush("late", seconds=1)
        self.s3.create_bucket(Bucket="late")
        self.server.flush("late")
        self.assertEqual(self.only_object("late")["Body"].read(), b"content")


class Moto(S3, unittest.TestCase):
    url = staticmethod(moto)

    def test_an_object_is_encrypted_with_the_key_that_the_stream_names(self):
        arn = f"arn:aws:kms:{REGION}:000000000000:key/1234abcd-12ab-34cd-56ef-1234567890ab"
        self.create_stream("keyed", EncryptionConfiguration={"KMSEncryptionConfig": {"AWSKMSKeyARN": arn}})
        self.put("keyed", b"content")
        self.server.flush("keyed")
        found = self.only_object("keyed")
        self.assertEqual((found["ServerSideEncryption"], found["SSEKMSKeyId"]), ("aws:kms", arn))


@unittest.skipUnless(ceph.is_installed(), "Ceph is not installed: apt-get install radosgw ceph-mon ceph-osd ceph-common")
class Radosgw(S3, unittest.TestCase):
    url = staticmethod(lambda: ceph.radosgw(KEY_ID, SECRET))
    # It knows nothing of the checksums that AWS added in 2024.
    flags = ("--s3-checksum-calculation", "WHEN_REQUIRED")


if __name__ == "__main__":
    unittest.main()

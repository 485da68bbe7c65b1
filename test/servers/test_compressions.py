"""Compressed objects, read by decoders that Hydrant's authors did not write: spec/s3.md, section 5."""

import gzip
import io
import random
import unittest
import uuid
import zipfile
from contextlib import ExitStack

import snappy
from kafka.codec import snappy_decode
from servers import hydrant


def unzip(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        [entry] = archive.infolist()
        assert uuid.UUID(entry.filename).version == 4
        assert entry.compress_type == zipfile.ZIP_DEFLATED
        return archive.read(entry)


FORMATS = {
    "UNCOMPRESSED": ("", lambda content: content),
    "GZIP": (".gz", gzip.decompress),
    "ZIP": (".zip", unzip),
    # As snappy-java writes it: Kafka's clients read the same.
    "Snappy": (".snappy", snappy_decode),
    "HADOOP_SNAPPY": (".snappy", lambda content: snappy.HadoopStreamDecompressor().decompress(content)),
}


class Compressions(unittest.TestCase):
    def test_each_format_is_read_by_its_own_decoder(self):
        noise = random.Random(1).randbytes(300_000)
        text = b"".join(b'{"number":%d,"text":"the same over and over"}\n' % number for number in range(20_000))
        with ExitStack() as stack:
            server = stack.enter_context(hydrant())
            for name, (extension, decode) in FORMATS.items():
                for records in ([b"x"], [text[:900_000], noise, b"", text[:900_000]]):
                    with self.subTest(name, records=len(records)):
                        stream = f"{name}-{len(records)}".lower().replace("_", "-")
                        server.create_stream(stream, CompressionFormat=name)
                        server.client().put_record_batch(
                            DeliveryStreamName=stream, Records=[{"Data": data} for data in records]
                        )
                        server.flush(stream)
                        [(key, content)] = server.objects(stream).items()
                        self.assertRegex(key, rf"[0-9a-f]{{12}}{extension.replace('.', '[.]')}$")
                        self.assertEqual(decode(content), b"".join(records))


if __name__ == "__main__":
    unittest.main()

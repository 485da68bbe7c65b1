"""Schemas of tables from a Glue that others wrote: moto's, with boto3 as the client that makes the tables."""

import json
import os
import subprocess
import unittest
from contextlib import ExitStack

from servers import KEY_ID, LAUNCHER, REGION, SECRET, client, describe, hydrant, moto

SOURCES = LAUNCHER.parents[1] / "dist" / "src"

# Reads a version of a table as the server does, and prints its columns or what is wrong with it.
READ_TABLE = f"""
const {{ openTables }} = await import("{SOURCES}/tables/index.js")
const {{ systemClock, systemDisk }} = await import("{SOURCES}/platform/index.js")
const [glueEndpoint, region, tableName, versionId] = process.argv.slice(1)
const tables = openTables(
  {{ tables: [], tablesFolder: undefined, glueEndpoint, region }},
  {{ clock: systemClock, disk: systemDisk }},
)
const reference = {{ databaseName: "logs", tableName, versionId, roleArn: "arn:aws:iam::000000000000:role/firehose" }}
const answer = await tables.read(reference).then(
  ({{ rowType, versionId }}) => ({{ columns: rowType.fields, versionId }}),
  ({{ code, message }}) => ({{ code, message }}),
)
console.log(JSON.stringify(answer))
await tables.close()
"""


class Glue(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        stack = ExitStack()
        cls.addClassCleanup(stack.close)
        cls.url = stack.enter_context(moto())
        cls.glue = client("glue", cls.url)
        cls.glue.create_database(DatabaseInput={"Name": "logs"})

    def read(self, table: str, version: str = "LATEST") -> dict:
        answer = subprocess.run(
            ["node", "--input-type=module", "-e", READ_TABLE, self.url, REGION, table, version],
            env={"PATH": os.environ["PATH"], "AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET},
            check=True,
            capture_output=True,
        )
        return json.loads(answer.stdout)

    def table(self, name: str, *columns: tuple[str, str]) -> dict:
        return {
            "Name": name,
            "StorageDescriptor": {"Columns": [{"Name": column, "Type": type} for column, type in columns]},
            "PartitionKeys": [{"Name": "day", "Type": "string"}],
        }

    def test_a_table_is_read_in_its_latest_version_and_in_an_earlier_one(self):
        self.glue.create_table(DatabaseName="logs", TableInput=self.table("orders", ("id", "int")))
        later = self.table("orders", ("id", "bigint"), ("lines", "array<struct<sku:string,price:decimal(10,2)>>"))
        self.glue.update_table(DatabaseName="logs", TableInput=later)
        latest = self.read("orders")
        self.assertEqual([column["name"] for column in latest["columns"]], ["id", "lines"])
        self.assertEqual(latest["columns"][0]["type"], {"kind": "bigint"})
        price = latest["columns"][1]["type"]["element"]["fields"][1]
        self.assertEqual(price, {"name": "price", "type": {"kind": "decimal", "precision": 10, "scale": 2}})
        first, *_ = sorted(
            version["VersionId"]
            for version in self.glue.get_table_versions(DatabaseName="logs", TableName="orders")["TableVersions"]
        )
        self.assertEqual(
            self.read("orders", first), {"columns": [{"name": "id", "type": {"kind": "int"}}], "versionId": first}
        )

    def test_what_is_not_there_is_told_by_its_code(self):
        self.glue.create_table(DatabaseName="logs", TableInput=self.table("kept", ("id", "int")))
        self.assertEqual(self.read("none")["code"], "DataFormatConversion.EntityNotFound")
        self.assertEqual(self.read("kept", "99")["code"], "DataFormatConversion.InvalidVersionId")

    def test_a_stream_is_made_once_the_table_is_there_that_it_converts_to(self):
        role = "arn:aws:iam::000000000000:role/delivery"
        conversion = {
            "SchemaConfiguration": {"RoleARN": role, "DatabaseName": "logs", "TableName": "later"},
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        }
        keys = {"AWS_ACCESS_KEY_ID": KEY_ID, "AWS_SECRET_ACCESS_KEY": SECRET, "AWS_REGION": REGION}
        with hydrant(AWS_ENDPOINT_URL_GLUE=self.url, **keys) as server:
            firehose = server.client()
            with self.assertRaises(firehose.exceptions.InvalidArgumentException) as caught:
                server.create_stream("converted", DataFormatConversionConfiguration=conversion)
            self.assertRegex(str(caught.exception), "later.*Error Code: EntityNotFoundException")
            self.glue.create_table(DatabaseName="logs", TableInput=self.table("later", ("id", "int")))
            server.create_stream("converted", DataFormatConversionConfiguration=conversion)
            (destination,) = describe(firehose, "converted")["Destinations"]
            described = destination["ExtendedS3DestinationDescription"]
            self.assertEqual(described["DataFormatConversionConfiguration"], {"Enabled": True, **conversion})
            self.assertEqual(described["BufferingHints"], {"SizeInMBs": 128, "IntervalInSeconds": 300})

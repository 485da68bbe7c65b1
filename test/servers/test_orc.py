"""ORC files, read by readers that Hydrant's authors did not write: spec/format-conversion.md, section 5."""

import base64
import datetime
import decimal
import json
import math
import pathlib
import random
import subprocess
import tempfile
import unittest
from operator import eq, le, lt

import pyarrow as pa
import pyarrow.orc
import pyorc
import pyorc.predicates

WRITER = pathlib.Path(__file__).parents[2] / "dist" / "test" / "servers" / "orc" / "write-files.js"
FILE_COUNT = 60
SEEKS_PER_FILE = 20
EPOCH_DAY = datetime.date(1970, 1, 1)
DECIMAL = decimal.Context(prec=60)


def expected(kind: dict, value):
    """What a reader gives, in the form of `arrow_value` and of pyorc with CONVERTERS."""
    if value is None:
        return None
    match kind["kind"]:
        case "bigint":
            return int(value)
        case "float" | "double":
            return comparable(float(value.replace("Infinity", "inf")))
        case "decimal":
            return decimal.Decimal(value).scaleb(-kind["scale"], DECIMAL)
        case "binary":
            return base64.b64decode(value)
        case "timestamp":
            return tuple(value)
        case "array":
            return [expected(kind["element"], element) for element in value]
        case "map":
            return {key: expected(kind["value"], one) for key, one in value}
        case "struct":
            return {field["name"]: expected(field["type"], value[field["name"]]) for field in kind["fields"]}
        case _:
            return value


def comparable(number: float):
    return "NaN" if math.isnan(number) else number


def arrow_value(scalar: pa.Scalar):
    if not scalar.is_valid:
        return None
    if isinstance(scalar, pa.StructScalar):
        return {name: arrow_value(scalar[name]) for name in scalar}
    if isinstance(scalar, pa.MapScalar):
        return {pair["key"].as_py(): arrow_value(pair["value"]) for pair in scalar.values}
    if isinstance(scalar, pa.ListScalar):
        return [arrow_value(element) for element in scalar.values]
    if isinstance(scalar, pa.TimestampScalar):
        assert scalar.type.unit == "ns"
        return divmod(scalar.value, 10**9)
    if isinstance(scalar, pa.Date32Scalar):
        return (scalar.as_py() - EPOCH_DAY).days
    value = scalar.as_py()
    return comparable(value) if isinstance(value, float) else value


class Timestamps(pyorc.converters.ORCConverter):
    @staticmethod
    def from_orc(seconds, nanoseconds, timezone):
        return seconds, nanoseconds

    @staticmethod
    def to_orc(timestamp, timezone):
        return timestamp


class Dates(pyorc.converters.ORCConverter):
    @staticmethod
    def from_orc(days):
        return days

    @staticmethod
    def to_orc(days):
        return days


CONVERTERS = {
    pyorc.TypeKind.TIMESTAMP: Timestamps,
    pyorc.TypeKind.DATE: Dates,
    pyorc.TypeKind.DECIMAL: pyorc.converters.DecimalConverter,
}


def pyorc_value(value):
    if isinstance(value, float):
        return comparable(value)
    if isinstance(value, list):
        return [pyorc_value(element) for element in value]
    if isinstance(value, dict):
        return {key: pyorc_value(one) for key, one in value.items()}
    return value


class Orc(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        subprocess.run(["node", "--enable-source-maps", WRITER, folder.name, str(FILE_COUNT)], check=True)
        cls.files = sorted(pathlib.Path(folder.name).glob("*.orc"), key=lambda file: int(file.stem))

    def each_file(self, check):
        """Calls check(file, written, rows) for each file: what is written beside it, and its rows as dicts."""
        for file in self.files:
            written = json.loads(file.with_suffix(".json").read_bytes())
            names = [field["name"] for field in written["type"]["fields"]]
            rows = [expected(written["type"], dict(zip(names, row))) for row in written["rows"]]
            with self.subTest(file=file.name, options=written["options"]):
                check(file, written, rows)

    def test_arrow_reads_every_value(self):
        def check(file, written, rows):
            orc = pyarrow.orc.ORCFile(file)
            self.assertEqual(orc.nrows, len(rows))
            self.assertEqual(orc.nstripes, len(written["stripes"]))
            table = orc.read()
            for field in written["type"]["fields"]:
                name = field["name"]
                read = [arrow_value(scalar) for scalar in table.column(name)]
                self.assertEqual(read, [row[name] for row in rows])

        self.each_file(check)

    def test_orc_reads_every_value(self):
        def check(file, written, rows):
            with file.open("rb") as content:
                reader = open_reader(content)
                self.assertEqual(len(reader), len(rows))
                self.assertEqual([pyorc_value(row) for row in reader], rows)

        self.each_file(check)

    def test_orc_reads_on_from_any_row(self):
        def check(file, written, rows):
            drawn = random.Random(file.stem)
            with file.open("rb") as content:
                for _ in range(SEEKS_PER_FILE if rows else 0):
                    row = drawn.randrange(len(rows))
                    try:
                        reader = reader_at(content, row)
                    except pyorc.ParseError as error:
                        # Texts that have no bytes altogether it can't pass over, in files that it wrote itself neither.
                        self.assertIn("lastBuffer_ is null", str(error))
                        row = group_start(written, row)
                        reader = reader_at(content, row)
                    end = min(len(rows), row + drawn.choice([1, 10, 1500]))
                    self.assertEqual([pyorc_value(next(reader)) for _ in range(row, end)], rows[row:end])

        self.each_file(check)

    def test_orc_passes_over_groups_that_cannot_match(self):
        all_rows = read_rows = 0

        def check(file, written, rows):
            nonlocal all_rows, read_rows
            drawn = random.Random(file.stem)
            for field in written["type"]["fields"]:
                name = field["name"]
                values = [row[name] for row in rows if row[name] is not None and row[name] != "NaN"]
                seekable = [value for value in values if can_be_sought(field["type"], value)]
                if not seekable:
                    continue
                for operator in [eq, eq, lt, le]:
                    sought = drawn.choice(seekable)
                    predicate = operator(sought_column(field), sought)
                    with self.subTest(field=field, predicate=operator.__name__, sought=sought), file.open("rb") as content:
                        reader = open_reader(content, column_names=[name], predicate=predicate)
                        read = [pyorc_value(row)[name] for row in reader]
                        matching = [value for value in values if operator(value, sought)]
                        read_matching = [
                            value for value in read if value not in (None, "NaN") and operator(value, sought)
                        ]
                        self.assertEqual(read_matching, matching)
                        all_rows += len(rows)
                        read_rows += len(read)

        self.each_file(check)
        self.assertLess(read_rows, 0.9 * all_rows)


def can_be_sought(kind: dict, value) -> bool:
    match kind["kind"]:
        case "binary" | "array" | "map" | "struct":
            return False
        case "decimal":
            return kind["precision"] <= 18
        case "timestamp":
            # Statistics from before 1970 it takes for up to a second later, in files that it wrote itself too.
            return value[0] >= 0
        case _:
            return True


def sought_column(field: dict) -> pyorc.predicates.PredicateColumn:
    names = {"tinyint": "BYTE", "smallint": "SHORT", "bigint": "LONG"}
    kind = field["type"]["kind"]
    decimals = {"precision": field["type"]["precision"], "scale": field["type"]["scale"]} if kind == "decimal" else {}
    return pyorc.predicates.PredicateColumn(pyorc.TypeKind[names.get(kind, kind.upper())], field["name"], **decimals)


def group_start(written: dict, row: int) -> int:
    """The row with which the row group of this row begins."""
    stripes = [stripe for stripe in written["stripes"] if stripe["firstRow"] <= row]
    return row - (row - stripes[-1]["firstRow"]) % written["options"]["rowIndexStride"]


def reader_at(content, row: int) -> pyorc.Reader:
    reader = open_reader(content)
    reader.seek(row)
    return reader


def open_reader(content, **options) -> pyorc.Reader:
    return pyorc.Reader(content, struct_repr=pyorc.StructRepr.DICT, converters=CONVERTERS, **options)


if __name__ == "__main__":
    unittest.main()

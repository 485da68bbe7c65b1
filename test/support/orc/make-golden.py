"""Writes the golden files of test/fixtures/orc with Apache ORC's writers: the one in C++, as pyarrow and pyorc hold it, and the one in
Java, by the command-line tools of ORC (orc-tools-1.9.5-uber.jar of Maven Central).

    python3 -m venv venv && venv/bin/pip install pyarrow==26.0.1 pyorc==0.12.0
    venv/bin/python test/support/orc/make-golden.py orc-tools-1.9.5-uber.jar

`x.json` has the rows that are in all files `x.*.orc`, once or several times over, their type as Hive writes it, and what each of the files
is meant to hold of the format. What JSON has no form for is text: bigints, NaN and the infinities as they are spelled, binary in
hexadecimal, decimals with all digits of their scale. A timestamp is [seconds, nanoseconds].

Faults of the writer in C++ that show in what is asked of it here: the Bloom filters of booleans and tinyints are made of wrong values,
and pyarrow takes fractions of a second before 1970 the wrong way.
"""

import datetime
import decimal
import json
import math
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile

import pyarrow
import pyarrow.orc
import pyorc

folder = pathlib.Path(__file__).resolve().parents[2] / "fixtures" / "orc"
second = 1_000_000_000
random.seed(20150101)


# Types: as text of Hive's, taken apart once.


def parse_type(text):
    kind, rest = parse_prefix(text)
    assert rest == "", text
    return kind


def parse_prefix(text):
    name = ""
    while text and (text[0].isalnum() or text[0] == "_"):
        name, text = name + text[0], text[1:]
    if text.startswith("("):
        numbers, text = text[1:].split(")", 1)
        return (name, *[int(number) for number in numbers.split(",")]), text
    if not text.startswith("<"):
        return (name,), text
    parts = []
    while text[0] != ">":
        text = text[1:]
        if name == "struct":
            field, text = text.split(":", 1)
            kind, text = parse_prefix(text)
            parts.append((field, kind))
        else:
            kind, text = parse_prefix(text)
            parts.append(kind)
    return (name, *parts), text[1:]


arrow_types = {
    "boolean": pyarrow.bool_(),
    "tinyint": pyarrow.int8(),
    "smallint": pyarrow.int16(),
    "int": pyarrow.int32(),
    "bigint": pyarrow.int64(),
    "float": pyarrow.float32(),
    "double": pyarrow.float64(),
    "string": pyarrow.string(),
    "binary": pyarrow.binary(),
    "date": pyarrow.date32(),
    "timestamp": pyarrow.timestamp("ns"),
}


def arrow_type(kind):
    name, *parts = kind
    if name == "decimal":
        return pyarrow.decimal128(*parts)
    if name == "array":
        return pyarrow.list_(arrow_type(parts[0]))
    if name == "map":
        return pyarrow.map_(arrow_type(parts[0]), arrow_type(parts[1]))
    if name == "struct":
        return pyarrow.struct([(field, arrow_type(part)) for field, part in parts])
    return arrow_types[name]


# Values. A row is a list; here a timestamp is nanoseconds, a date days, a map a list of pairs, a struct a list.


def for_arrow(kind, value):
    name, *parts = kind
    if value is None:
        return None
    if name == "array":
        return [for_arrow(parts[0], element) for element in value]
    if name == "map":
        return [(for_arrow(parts[0], key), for_arrow(parts[1], each)) for key, each in value]
    if name == "struct":
        return {field: for_arrow(part, each) for (field, part), each in zip(parts, value)}
    return value


def for_pyorc(kind, value):
    name, *parts = kind
    if value is None:
        return None
    if name == "array":
        return [for_pyorc(parts[0], element) for element in value]
    if name == "map":
        return {for_pyorc(parts[0], key): for_pyorc(parts[1], each) for key, each in value}
    if name == "struct":
        return tuple(for_pyorc(part, each) for (_, part), each in zip(parts, value))
    if name == "timestamp":
        return divmod(value, second)
    return value


def for_json(kind, value):
    name, *parts = kind
    if value is None:
        return None
    if name == "array":
        return [for_json(parts[0], element) for element in value]
    if name == "map":
        return [[for_json(parts[0], key), for_json(parts[1], each)] for key, each in value]
    if name == "struct":
        return [for_json(part, each) for (_, part), each in zip(parts, value)]
    if name == "timestamp":
        return list(divmod(value, second))
    if name == "bigint":
        return str(value)
    if name == "binary":
        return value.hex()
    if name == "decimal":
        return f"{value:.{parts[1]}f}"
    if name in ("float", "double") and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value


def expect(name, text, rows, variants):
    files = {variant: facts_ for variant, (_, facts_) in variants.items()}
    kind = parse_type(text)
    lines = ",\n".join(json.dumps(for_json(kind, row), ensure_ascii=False, separators=(",", ":")) for row in rows)
    head = f'"type": {json.dumps(text)},\n"files": {json.dumps(files)}'
    (folder / f"{name}.json").write_text(f'{{\n{head},\n"rows": [\n{lines}\n]\n}}\n')


def write_with_arrow(name, text, rows, variants):
    kind = parse_type(text)
    columns = [
        pyarrow.array([for_arrow(part, row[index]) for row in rows], arrow_type(part))
        for index, (_, part) in enumerate(kind[1:])
    ]
    table = pyarrow.table(columns, names=[field for field, _ in kind[1:]])
    for variant, (options, _) in variants.items():
        pyarrow.orc.write_table(table, folder / f"{name}.{variant}.orc", **options)


class Timestamps:
    """pyorc's own converter takes datetimes, which have no nanoseconds and end with the year 9999."""

    @staticmethod
    def from_orc(seconds, nanoseconds, timezone):
        return seconds, nanoseconds

    @staticmethod
    def to_orc(value, timezone):
        return value


class Dates:
    @staticmethod
    def from_orc(days):
        return days

    @staticmethod
    def to_orc(days):
        return days


def write_with_pyorc(name, text, rows, variants):
    kind = parse_type(text)
    converters = {pyorc.TypeKind.TIMESTAMP: Timestamps, pyorc.TypeKind.DATE: Dates}
    for variant, (options, _) in variants.items():
        with open(folder / f"{name}.{variant}.orc", "wb") as file:
            with pyorc.Writer(file, text, converters=converters, **options) as writer:
                for row in rows:
                    writer.write(for_pyorc(kind, row))


def write_with_java(name, text, rows, variants):
    kind = parse_type(text)
    for variant, (options, facts_) in variants.items():
        with tempfile.TemporaryDirectory() as place:
            properties = "".join(f"<property><name>{key}</name><value>{value}</value></property>" for key, value in options.items())
            (pathlib.Path(place) / "core-site.xml").write_text(f"<configuration>{properties}</configuration>")
            source = pathlib.Path(place) / "rows.json"
            source.write_text("".join(for_java(kind, row) + "\n" for row in rows) * facts_["times"])
            command = ["java", "-Duser.timezone=UTC", "-cp", f"{place}:{sys.argv[1]}", "org.apache.orc.tools.Driver", "convert"]
            target = pathlib.Path(place) / "rows.orc"
            stamps = "yyyy-MM-dd HH:mm:ss.SSSSSSSSS"
            subprocess.run([*command, "-s", text, "-t", stamps, "-o", str(target), str(source)], check=True)
            shutil.copyfile(target, folder / f"{name}.{variant}.orc")


def for_java(kind, value):
    """As the tools read JSON; by hand, since decimals are numbers with many digits there."""
    name, *parts = kind
    if value is None:
        return "null"
    if name == "array":
        return f"[{','.join(for_java(parts[0], element) for element in value)}]"
    if name == "map":
        pairs = (f"{json.dumps(key)}:{for_java(parts[1], each)}" for key, each in value)
        return f"{{{','.join(pairs)}}}"
    if name == "struct":
        fields = (f"{json.dumps(field)}:{for_java(part, each)}" for (field, part), each in zip(parts, value))
        return f"{{{','.join(fields)}}}"
    if name == "timestamp":
        seconds, nanoseconds = divmod(value, second)
        time = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=seconds)
        return f'"{time.isoformat(" ", "seconds")}.{nanoseconds:09}"'
    if name == "date":
        return f'"{datetime.date(1970, 1, 1) + datetime.timedelta(days=value)}"'
    if name == "binary":
        return f'"{value.hex()}"'
    if name == "decimal":
        return f"{value:f}"
    return json.dumps(value)


# What the files hold.


def at(year, month, day, *rest, nanoseconds=0):
    time = datetime.datetime(year, month, day, *rest, tzinfo=datetime.timezone.utc)
    return int(time.timestamp()) * second + nanoseconds


plain_cases = {
    "boolean": [True, False, True, True],
    "tinyint": [0, 127, -128, -1, 5],
    "smallint": [0, 32767, -32768, 1, -2],
    "int": [0, 2**31 - 1, -(2**31), 65536, -7],
    "bigint": [0, 2**63 - 1, -(2**63), 2**53 + 1, -(2**53) - 1, 3],
    "float": [0.0, -0.0, 1.5, -3.4028234663852886e38, 2.0**-149, 0.10000000149011612],
    "double": [0.0, -0.0, 0.1, 1.7976931348623157e308, 5e-324, -1e-7],
    "string": ["", "a", "straße", "日本", "\U0001f600 and more than eight bytes", "a\u0000b"],
    "binary": [b"", b"\x00", b"\xff\xfe\x80", bytes(range(40))],
    "date": [0, 1, -1, 16436, -719162, 2932896],
    "timestamp": [
        0,
        at(2015, 1, 1),
        at(2015, 1, 1, nanoseconds=1),
        at(2014, 12, 31, 23, 59, 59, nanoseconds=999_999_999),
        at(2026, 7, 14, 15, 9, 26, nanoseconds=535_897_932),
        at(2026, 7, 14, nanoseconds=1000),
        at(2026, 7, 14, nanoseconds=100_000),
        at(2026, 7, 14, nanoseconds=120_000_000),
        at(1969, 12, 31, 23, 59, 59),
        at(1700, 1, 1),
        at(2262, 4, 11, nanoseconds=7_000_000),
    ],
    "decimal(10,2)": [decimal.Decimal(text) for text in ("0.00", "99999999.99", "-99999999.99", "0.01", "-12.30")],
    "decimal(38,10)": [
        decimal.Decimal(text)
        for text in ("0.0000000000", "9999999999999999999999999999.9999999999", "-1.0000000001", "-9223372037.0000000000")
    ],
    "decimal(38,0)": [decimal.Decimal(text) for text in ("0", "9" * 38, "-" + "9" * 38, str(2**64))],
}
other_cases = {
    "timestamp": [
        at(1969, 12, 31, 23, 59, 58, nanoseconds=1_000_000),
        at(1969, 12, 31, 23, 59, 58, nanoseconds=999_999),
        at(1900, 2, 28, nanoseconds=120_000_000),
        at(1700, 1, 1, nanoseconds=1),
        at(1, 1, 1, nanoseconds=123_456_789),
        at(9999, 12, 31, 23, 59, 59, nanoseconds=999_999_999),
    ],
    "char(5)": ["abcde", "äöüßx", "\U0001f600\U0001f600\U0001f600\U0001f600\U0001f600", "     "],
    "varchar(7)": ["", "seven !", "日本", "x "],
}
nested_cases = {
    "array<int>": [[], [1], [1, None, 3], [None], list(range(20))],
    "map<string,double>": [[], [["k", 1.5]], [["a", None], ["b", -2.0]]],
    "struct<a:int,b:struct<c:string,d:array<date>>>": [
        [1, ["x", [0, None]]],
        [None, None],
        [2, [None, None]],
        [3, ["", []]],
    ],
    "array<array<string>>": [[], [[], None, ["p", None, "q"]], [["p"]]],
    "map<string,array<struct<t:timestamp,d:decimal(10,2)>>>": [
        [],
        [["1", None], ["2", []]],
        [["3", [[at(2000, 1, 1), decimal.Decimal("1.25")], None, [None, decimal.Decimal("-7.00")]]]],
    ],
}


def table_of(cases, row_count, null_every):
    """Columns take turns in being null, and one is never and one always null."""
    fields = [f"c{index}:{text}" for index, (text, _) in enumerate(cases)] + ["never_null:int", "always_null:string"]
    rows = [
        [
            None if (row * 7 + index * 3) % null_every == 0 else values[(row + index) % len(values)]
            for index, (_, values) in enumerate(cases)
        ]
        + [row, None]
        for row in range(row_count)
    ]
    return f"struct<{','.join(fields)}>", rows


def facts(compression, version="0.12", row_groups=(1,), bloom_filters=0, times=1):
    return {
        "compression": compression,
        "version": version,
        "rowGroups": row_groups,
        "bloomFilters": bloom_filters,
        "times": times,
    }


arrow_blooms = list(range(3, 15))
text, rows = table_of([*plain_cases.items(), *nested_cases.items()], 60, 5)
variants = {
    "snappy": (
        {"compression": "snappy", "row_index_stride": 15, "bloom_filter_columns": arrow_blooms},
        facts("SNAPPY", row_groups=[4], bloom_filters=12),
    ),
    "zlib-v11": (
        {"compression": "zlib", "row_index_stride": 25, "bloom_filter_columns": arrow_blooms, "file_version": "0.11"},
        facts("ZLIB", version="0.11", row_groups=[3], bloom_filters=12),
    ),
    "none": (
        {"compression": "uncompressed", "row_index_stride": 20, "dictionary_key_size_threshold": 1.0},
        facts("NONE", row_groups=[3]),
    ),
}
write_with_arrow("types", text, rows, variants)
expect("types", text, rows, variants)

text, rows = table_of([*other_cases.items(), *plain_cases.items(), *nested_cases.items()], 40, 4)
cpp = {
    "zlib": (
        {
            "compression": pyorc.CompressionKind.ZLIB,
            "row_index_stride": 10,
            "bloom_filter_columns": ["c0", "c1", "c2", *[f"c{index}" for index in range(5, 17)]],
            "dict_key_size_threshold": 1.0,
        },
        facts("ZLIB", row_groups=[4], bloom_filters=15),
    ),
}
java_blooms = ",".join(f"c{index}" for index in range(17))
stride = {"orc.row.index.stride": 1000}
java = {
    "java-snappy": (
        {**stride, "orc.compress": "SNAPPY", "orc.bloom.filter.columns": java_blooms},
        facts("SNAPPY", row_groups=[2], bloom_filters=17, times=30),
    ),
    "java-zlib-v11": (
        {**stride, "orc.compress": "ZLIB", "orc.write.format": "0.11", "orc.dictionary.key.threshold": 0},
        facts("ZLIB", version="0.11", row_groups=[2], times=30),
    ),
}
write_with_pyorc("letters", text, rows, cpp)
write_with_java("letters", text, rows, java)
expect("letters", text, rows, {**cpp, **java})

none = {"compression": "uncompressed"}
text, rows = "struct<number:double>", [[number] for number in (1.0, math.nan, -math.inf, math.inf, None, -0.0)]
write_with_arrow("not-finite", text, rows, {"none": (none, facts("NONE"))})
expect("not-finite", text, rows, {"none": (none, facts("NONE"))})
text = "struct<id:bigint,words:array<string>>"
write_with_arrow("no-rows", text, [], {"none": (none, facts("NONE", row_groups=[]))})
expect("no-rows", text, [], {"none": (none, facts("NONE", row_groups=[]))})


def run_patterns():
    """Integers that make each form of both integer encodings, one after the other."""
    yield from [7] * 5  # short repeat
    yield from [2**40] * 10
    yield from [-3] * 520  # long runs
    yield from range(520)  # fixed delta
    yield from range(500, 200, -3)
    yield from [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47]  # varying delta
    yield from [100 - n * n for n in range(40)]
    for bits in (1, 2, 3, 4, 7, 8, 9, 15, 16, 17, 24, 25, 31, 32, 33, 40, 47, 56, 62, 63):  # direct, of every width
        yield from [random.randrange(-(2**bits), 2**bits) for _ in range(12)]
    for spike in (2**12, 2**20, 2**33, 2**45, 2**55):  # patched base
        yield from [spike if n % 23 == 11 else random.randrange(64) for n in range(60)]
        yield from [spike if n % 29 == 5 else random.randrange(64) - 1000 for n in range(60)]
    yield from [(2**61 if n == 300 else 2**30 if n in (5, 299) else n % 2) - 9 for n in range(400)]  # gaps past 255


rows = [
    [
        number,
        f"w{number % 11}" if number % 3 else None,
        (number * number) % 7 - 3 if index % 200 < 100 else 9,
        number % 5 == 0 if index % 400 < 300 else True,
    ]
    for index, number in enumerate(run_patterns())
]
text = "struct<number:bigint,word:string,byte:tinyint,flag:boolean>"
v11 = {"file_version": "0.11", "dictionary_key_size_threshold": 1.0}
cpp = {
    "zlib": ({"compression": "zlib", "row_index_stride": 700}, facts("ZLIB", row_groups=[4])),
    "none-v11": ({**none, **v11, "row_index_stride": 300}, facts("NONE", version="0.11", row_groups=[9])),
}
java = {
    "java-zlib": ({**stride, "orc.compress": "ZLIB"}, facts("ZLIB", row_groups=[3])),
    "java-none-v11": (
        {**stride, "orc.compress": "NONE", "orc.write.format": "0.11"},
        facts("NONE", version="0.11", row_groups=[3]),
    ),
}
write_with_arrow("runs", text, rows, cpp)
write_with_java("runs", text, rows, java)
expect("runs", text, rows, {**cpp, **java})

# The writer looks at the size of a stripe when a buffer of 64 KiB is full.
text, rows = "struct<id:int,text:string>", [[number, f"{number} {number * number} " * 200] for number in range(4)]
cpp = {
    "zlib": (
        {"compression": "zlib", "stripe_size": 1024, "batch_size": 60, "row_index_stride": 25},
        facts("ZLIB", row_groups=[8, 3], times=60),
    ),
}
write_with_arrow("stripes", text, rows * 60, cpp)
expect("stripes", text, rows, cpp)

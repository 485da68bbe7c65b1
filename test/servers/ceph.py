"""Ceph's radosgw, a real S3: a monitor, a store in memory and the gateway, all on loopback."""

import pathlib
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

READY_SECONDS_MAX = 90
# On Debian: apt-get install radosgw ceph-mon ceph-osd ceph-common
PROGRAMS = ("ceph", "ceph-authtool", "ceph-mon", "ceph-osd", "monmaptool", "radosgw", "radosgw-admin")

CONFIGURATION = """
[global]
fsid = {fsid}
mon host = [v2:127.0.0.1:{monitor_port}]
public addr = 127.0.0.1
auth cluster required = cephx
auth service required = cephx
auth client required = cephx
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 8
osd pool default pg autoscale mode = off
mon allow pool size one = true
osd crush chooseleaf type = 0
osd objectstore = memstore
memstore device bytes = 1073741824
keyring = {folder}/keyring
run dir = {folder}
admin socket = {folder}/$name.$pid.asok
log file = {folder}/$name.log
mon data = {folder}/mon
osd data = {folder}/osd
rgw data = {folder}/rgw
rgw frontends = beast endpoint=127.0.0.1:{gateway_port}
"""

KEYS = {
    "mon.": ("mon", "allow *"),
    "client.admin": ("mon", "allow *", "osd", "allow *"),
    "osd.0": ("mon", "allow profile osd", "osd", "allow *"),
    "client.rgw": ("mon", "allow rw", "osd", "allow rwx"),
}


def is_installed() -> bool:
    return all(shutil.which(program) for program in PROGRAMS)


@contextmanager
def radosgw(key_id: str, secret: str) -> Iterator[str]:
    """Starts all three with one user, who has this key. Answers the gateway's URL."""
    with tempfile.TemporaryDirectory(prefix="hydrant-ceph-") as name, ExitStack() as stack:
        folder = pathlib.Path(name)
        for part in ("mon", "osd", "rgw"):
            (folder / part).mkdir()
        fsid, osd_uuid = str(uuid.uuid4()), str(uuid.uuid4())
        monitor_port, gateway_port = free_port(), free_port()
        configuration = CONFIGURATION.format(
            fsid=fsid, folder=folder, monitor_port=monitor_port, gateway_port=gateway_port
        )
        (folder / "conf").write_text(configuration)

        def run(*command: str) -> None:
            subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=READY_SECONDS_MAX)

        def start(*command: str) -> None:
            log = stack.enter_context(open(folder / f"{command[0]}.out", "w"))
            process = subprocess.Popen([*command, "-c", "conf", "-f"], cwd=folder, stdout=log, stderr=log)
            stack.callback(process.wait)
            stack.callback(process.kill)

        (folder / "keyring").touch()
        for entity, caps in KEYS.items():
            pairs = [text for kind, cap in zip(caps[::2], caps[1::2]) for text in ("--cap", kind, cap)]
            run("ceph-authtool", "keyring", "--gen-key", "-n", entity, *pairs)
        run("monmaptool", "--create", "--addv", "a", f"[v2:127.0.0.1:{monitor_port}]", "--fsid", fsid, "monmap")
        run("ceph-mon", "-c", "conf", "--mkfs", "-i", "a", "--monmap", "monmap", "--keyring", "keyring")
        start("ceph-mon", "-i", "a")
        run("ceph", "-c", "conf", "osd", "new", osd_uuid, "0")
        run("ceph-osd", "-c", "conf", "--mkfs", "-i", "0", "--osd-uuid", osd_uuid)
        start("ceph-osd", "-i", "0")
        start("radosgw", "-n", "client.rgw")
        user = ("user", "create", "--uid", "test", "--display-name", "test", "--access-key", key_id, "--secret-key", secret)
        run("radosgw-admin", "-c", "conf", "-n", "client.rgw", *user)
        url = f"http://127.0.0.1:{gateway_port}"
        wait_until_answered(url)
        yield url


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_until_answered(url: str) -> None:
    deadline = time.monotonic() + READY_SECONDS_MAX
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(url).close()
            return
        except urllib.error.URLError:
            time.sleep(0.1)
    raise TimeoutError(f"{url} was not answered within {READY_SECONDS_MAX} seconds")

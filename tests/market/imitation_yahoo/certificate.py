"""A certificate for every host the imitation answers for, made new and never trusted elsewhere."""

import atexit
import functools
import shutil
import ssl
import subprocess
import tempfile
from pathlib import Path

HOSTS = ("*.yahoo.com", "*.finance.yahoo.com", "finance.yahoo.com", "api.nasdaq.com")


def can_make() -> bool:
    return shutil.which("openssl") is not None


@functools.cache
def make() -> tuple[Path, ssl.SSLContext]:
    """The certificate's file and a server context that uses it, for as long as this process."""
    folder = Path(tempfile.mkdtemp(prefix="imitation-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    certificate, key = folder / "imitation.crt", folder / "imitation.key"
    names = ",".join(f"DNS:{host}" for host in HOSTS)
    command = [
        *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=imitation"),
        *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
        *("-keyout", str(key), "-out", str(certificate), "-addext", f"subjectAltName={names}"),
    ]
    subprocess.run(command, check=True, capture_output=True)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    return certificate, context

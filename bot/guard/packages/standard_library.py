"""The standard library of the image's Python 3.13; the bot may run on another Python."""

from __future__ import annotations

from stdlibs import py313

GONE: dict[str, tuple[str, tuple[str, ...]]] = {
    "aifc": ("", ("standard-aifc",)),
    "asynchat": ("use `asyncio`", ("pyasynchat", "standard-asynchat")),
    "asyncore": ("use `asyncio`", ("pyasyncore", "standard-asyncore")),
    "audioop": ("", ("audioop-lts",)),
    "cgi": ("use `urllib.parse` and `email.message`", ("legacy-cgi", "standard-cgi")),
    "cgitb": ("use `traceback`", ("legacy-cgi", "standard-cgitb")),
    "chunk": ("", ("standard-chunk",)),
    "crypt": ("use `hashlib.scrypt`, or the package `passlib` or `bcrypt`", ("crypt-r", "standard-crypt")),
    "distutils": ("use `shutil`, `sysconfig` or `packaging.version`", ("setuptools", "standard-distutils")),
    "imghdr": ("use `PIL.Image.open(...).format` or the package `filetype`", ("standard-imghdr",)),
    "imp": ("use `importlib`", ("zombie-imp",)),
    "lib2to3": ("use `ast`, or the package `libcst`", ()),
    "mailcap": ("use `mimetypes`", ("standard-mailcap",)),
    "msilib": ("it was for Windows", ()),
    "nis": ("", ()),
    "nntplib": ("", ("standard-nntplib",)),
    "ossaudiodev": ("a service has no sound device", ()),
    "pipes": ("use `subprocess`, and `shlex.quote`", ("standard-pipes",)),
    "smtpd": ("use the package `aiosmtpd`", ("standard-smtpd",)),
    "sndhdr": ("use the package `filetype`", ("standard-sndhdr",)),
    "spwd": ("", ()),
    "sunau": ("use `wave`", ("standard-sunau",)),
    "telnetlib": ("use `socket`", ("standard-telnetlib",)),
    "uu": ("use `base64`, or `binascii.a2b_uu`", ("standard-uu",)),
    "xdrlib": ("use `struct`", ("standard-xdrlib",)),
}
"""Modules that Python 3.12 (2023-10-02) and 3.13 (2024-10-07) removed -> what to use instead, and the packages
that bring the module back.

https://peps.python.org/pep-0594/ and https://docs.python.org/3.13/whatsnew/3.12.html#removed
"""

UNUSABLE = {
    **dict.fromkeys(
        ("tkinter", "turtle", "turtledemo", "idlelib", "_tkinter"), "needs a screen, which a service lacks"
    ),
    **dict.fromkeys(("msvcrt", "nt", "winreg", "winsound", "_winapi"), "exists on Windows only"),
}
"""Modules of the standard library that do not work in the image -> why."""

STANDARD = frozenset(py313.module_names) - UNUSABLE.keys()
"""Modules that can be imported in the image without any package."""

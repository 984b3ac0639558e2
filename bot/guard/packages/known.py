"""Packages that no service can use, and packages that no service needs: data, by normalised name."""

from __future__ import annotations

_SCREEN = "needs a screen, which a service lacks"
_JAVA = "needs a Java runtime"
_GPU = "needs a GPU"
_SOUND = "needs a sound device or a microphone"
_WINDOWS = "exists for Windows only"
_MAC = "exists for macOS only"
_DEVICE = "needs a device that is attached to the machine"
_EMPTY = "is not the package it is taken for"


def _all(names: str, reason: str) -> dict[str, str]:
    return dict.fromkeys(names.split(), reason)


KNOWN_BAD: dict[str, str] = {
    **_all("customtkinter dearpygui easygui guizero kivy pyautogui pygetwindow pymsgbox pynput pyscreeze", _SCREEN),
    **_all("pyqt4 pyqt5 pyqt6 pyqtgraph pyside pyside2 pyside6 pyside6-essentials pysimplegui pystray", _SCREEN),
    **_all("pywebview pyperclip toga ttkbootstrap tkinter wxpython pyglet arcade screeninfo mss", _SCREEN),
    "freesimplegui": _SCREEN,
    "turtle": f"{_SCREEN}; draw with `pillow`",
    "tabula-py": f"{_JAVA}; take `pdfplumber` or `camelot-py`",
    "tika": f"{_JAVA}, and downloads a server; take `pypdf`, `python-docx` or `markitdown`",
    "pyspark": f"{_JAVA}; take `polars` or `duckdb`",
    "language-tool-python": f"{_JAVA}; take `pyspellchecker`",
    "language-check": f"{_JAVA}; take `pyspellchecker`",
    "konlpy": f"{_JAVA}; take `kiwipiepy`",
    "pdfbox": f"{_JAVA}; take `pypdf` or `pymupdf`",
    "boilerpipe3": f"{_JAVA}; take `trafilatura`",
    "jaydebeapi": _JAVA,
    **_all("jpype1 jpype py4j pyjnius pylucene h2o python-weka-wrapper3", _JAVA),
    **_all("stanfordcorenlp pydeequ spark-nlp", _JAVA),
    "onnxruntime-gpu": f"{_GPU}; take `onnxruntime`",
    "faiss-gpu": f"{_GPU}; take `faiss-cpu`",
    "tensorflow-gpu": f"{_GPU}, and is withdrawn; take `tensorflow-cpu`",
    **_all("cupy pycuda cudf cuml cugraph tensorrt flash-attn xformers vllm deepspeed", _GPU),
    **_all("numba-cuda paddlepaddle-gpu triton auto-gptq autoawq exllamav2 pyopencl", _GPU),
    "googletrans": "calls an unofficial API that answers when it likes; take `deep-translator`",
    "google-trans-new": "calls an API that is gone; take `deep-translator`",
    "goslate": "calls an API that is gone; take `deep-translator`",
    "forex-python": "calls an API that is gone; take exchange rates as an input",
    "newspaper3k": "is abandoned, and breaks with today's lxml; take `trafilatura` or `newspaper4k`",
    "pafy": "calls an API that is gone; take `yt-dlp`",
    "youtube-dl": "is abandoned; take `yt-dlp`",
    "instagram-scraper": "calls an API that is gone",
    "twint": "calls an API that is gone",
    "snscrape": "calls APIs that are gone",
    "pytrends": "calls an unofficial API, and is archived",
    "yahoo-finance": "calls an API that is gone",
    "twitter-scraper": "calls an API that is gone",
    "textract": "asks for versions that no longer install; take `markitdown`, `pypdf` or `python-docx`",
    "fpdf": "is abandoned; take `fpdf2`",
    "pyfpdf": "is abandoned; take `fpdf2`",
    "pycrypto": "is abandoned and unsafe; take `pycryptodome`",
    "pdfminer3k": "is abandoned; take `pdfminer.six`",
    "slate": "is abandoned; take `pdfminer.six`",
    "slate3k": "is abandoned; take `pdfminer.six`",
    "htmlmin": "imports `cgi`, which Python 3.13 lacks; take `minify-html`",
    "nose": "is abandoned; `pytest` is there",
    "mysql-python": "is for Python 2; take `pymysql`",
    "beautifulsoup": "is for Python 2; take `beautifulsoup4`",
    "tesseract": f"{_EMPTY}; take `pytesseract` and the Debian package `tesseract-ocr`",
    "ffmpeg": f"{_EMPTY}; take `ffmpeg-python` and the Debian package `ffmpeg`",
    **_all("pyaudio sounddevice playsound simpleaudio pvrecorder pvporcupine", _SOUND),
    **_all("pywin32 pywinauto comtypes docx2pdf xlwings wmi pypiwin32 winshell", _WINDOWS),
    **_all("pyobjc appscript rumps py2app", _MAC),
    **_all(
        "picamera picamera2 rpi-gpio gpiozero adafruit-blinka smbus smbus2 keyboard mouse pybluez pyrealsense2", _DEVICE
    ),
}
"""Name -> why no service can use the package: the end of a sentence that begins with the name."""

BAD_PREFIXES = {"cupy-": _GPU, "nvidia-": _GPU, "tensorrt-": _GPU, "cudf-": _GPU, "cuml-": _GPU, "pyobjc-": _MAC}
BAD_SUFFIXES = {"-gpu": _GPU, "-cuda": _GPU, "-cu11": _GPU, "-cu12": _GPU, "-cu13": _GPU, "-directml": _WINDOWS}

NEEDLESS = frozenset(
    """
    fastapi flask django starlette uvicorn gunicorn bottle sanic tornado falcon hypercorn daphne quart litestar
    blacksheep cherrypy pyramid waitress robyn granian uwsgi meinheld cheroot web-py hug connexion responder emmett
    flask-cors flask-restful flask-restx flask-login flask-wtf flask-sqlalchemy flask-limiter flasgger flask-smorest
    fastapi-cli fastapi-utils slowapi djangorestframework django-cors-headers django-ninja apiflask eve streamlit
    gradio dash panel nicegui chainlit reflex mesop taipy shiny solara jupyter notebook jupyterlab voila ipykernel
    ipython docker docker-compose podman virtualenv pipenv poetry pip wheel build twine hatch hatchling flit uv
    conda tox nox pre-commit pyinstaller cx-freeze pytest pytest-cov pytest-mock pytest-asyncio pytest-xdist
    pytest-timeout pytest-runner pytest-httpserver pytest-html pytest-flask pytest-django pytest-benchmark
    pytest-sugar pytest-env unittest2 mock pydantic pydantic-core typing dataclasses enum34 pathlib pathlib2 futures
    asyncio argparse configparser contextlib2 contextvars functools32 ipaddress importlib importlib-metadata
    importlib-resources zipp unicodecsv statistics singledispatch subprocess32 backports-functools-lru-cache
    typing-extensions
    """.split()  # noqa: SIM905 - as a list it would be a name a line
)
"""Packages that drop out of the requirements, because every service has them or none can use them."""

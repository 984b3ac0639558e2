"""Modules that have another name than the package that provides them: data."""

from __future__ import annotations

from packaging.utils import canonicalize_name


def _read(table: str) -> dict[str, tuple[str, ...]]:
    rows = (line.split() for line in table.strip().splitlines())
    return {row[0]: tuple(row[1:]) for row in rows}


PROVIDERS = _read(
    """
    Bio biopython
    Crypto pycryptodome
    Cryptodome pycryptodomex
    Levenshtein levenshtein python-levenshtein
    MySQLdb mysqlclient
    OpenGL pyopengl
    OpenSSL pyopenssl
    PIL pillow pillow-simd
    PySide6 pyside6 pyside6-essentials
    Xlib python-xlib
    _cffi_backend cffi
    _yaml pyyaml
    absl absl-py
    antlr4 antlr4-python3-runtime
    apiclient google-api-python-client
    argon2 argon2-cffi
    attr attrs
    azure.core azure-core
    azure.identity azure-identity
    azure.storage.blob azure-storage-blob
    barcode python-barcode
    bidi python-bidi
    box python-box
    bs4 beautifulsoup4
    bson pymongo bson
    cairo pycairo
    cassandra cassandra-driver
    clang libclang clang
    codicefiscale python-codicefiscale codicefiscale
    consul python-consul
    cpuinfo py-cpuinfo
    creole python-creole
    crontab python-crontab crontab
    cv2 opencv-python-headless opencv-python opencv-contrib-python-headless opencv-contrib-python
    dateutil python-dateutil
    dbus dbus-python
    debian python-debian
    discord discord-py
    dns dnspython
    docx python-docx
    dot_parser pydot
    dotenv python-dotenv
    elftools pyelftools
    engineio python-engineio
    faiss faiss-cpu faiss-gpu
    ffmpeg ffmpeg-python
    fitz pymupdf
    fpdf fpdf2 fpdf
    geohash python-geohash
    gi pygobject
    git gitpython
    github pygithub
    gitlab python-gitlab
    gnupg python-gnupg
    google.cloud.bigquery google-cloud-bigquery
    google.cloud.storage google-cloud-storage
    google.genai google-genai
    google.generativeai google-generativeai
    google.oauth2 google-auth
    google.protobuf protobuf
    google.rpc googleapis-common-protos
    google.type googleapis-common-protos
    googleapiclient google-api-python-client
    grpc grpcio
    grpc_tools grpcio-tools
    igraph igraph python-igraph
    jks pyjks
    jose python-jose
    jpype jpype1
    jwt pyjwt
    kafka kafka-python kafka-python-ng
    ldap python-ldap
    llama_cpp llama-cpp-python
    magic python-magic
    markdown_it markdown-it-py
    mdx_math python-markdown-math
    memcache python-memcached
    mpl_toolkits matplotlib
    mysql.connector mysql-connector-python
    nacl pynacl
    ndg ndg-httpsclient
    nmap python-nmap
    odf odfpy
    onnxruntime onnxruntime onnxruntime-gpu
    opencc opencc-python-reimplemented opencc
    osgeo gdal
    pdfminer pdfminer-six
    pkg_resources setuptools
    png pypng
    pptx python-pptx
    psycopg2 psycopg2-binary psycopg2
    pwiz peewee
    pylab matplotlib
    pythoncom pywin32
    pywt pywavelets
    pyximport cython
    rest_framework djangorestframework
    ruamel.yaml ruamel-yaml
    sass libsass
    serial pyserial
    sgmllib sgmllib3k
    shapefile pyshp
    skimage scikit-image
    sklearn scikit-learn
    skopt scikit-optimize
    skvideo sk-video
    slugify python-slugify
    snappy python-snappy
    socketio python-socketio
    socks pysocks
    speech_recognition speechrecognition
    spellchecker pyspellchecker
    stdnum python-stdnum
    tabula tabula-py
    telegram python-telegram-bot
    tlz toolz
    umap umap-learn
    usb pyusb
    websocket websocket-client
    whois python-whois whois
    win32api pywin32
    win32com pywin32
    win32con pywin32
    wx wxpython
    xdg pyxdg xdg
    yaml pyyaml
    yara yara-python
    zmq pyzmq
    zope.interface zope-interface
    zxcvbn zxcvbn zxcvbn-python
    """
)
"""Import name (dotted where packages share the first part) -> normalised names of its packages, the best first."""

NAMESPACES = frozenset({"azure", "backports", "google", "jaraco", "mysql", "ruamel", "sphinxcontrib", "zope"})
"""First parts of import names that many packages share."""

IMPORT_NAMES: dict[str, str] = {
    canonicalize_name(name): providers[0]
    for name, providers in PROVIDERS.items()
    if "." not in name and not name.startswith("_") and canonicalize_name(name) not in providers
}
"""Normalised import name -> its package. The index holds something else, or bait, under the import name."""

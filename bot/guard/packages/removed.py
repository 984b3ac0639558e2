"""The table of what packages have removed, for `breakages`."""

TABLE = """
    setuptools 82 2026-02-08 pkg_resources `importlib.metadata`, `importlib.resources` or `packaging.version`
    numpy 1.24 2022-12-18 numpy.int `int`
    numpy 1.24 2022-12-18 numpy.float `float`
    numpy 1.24 2022-12-18 numpy.complex `complex`
    numpy 1.24 2022-12-18 numpy.object `object`
    numpy 1.24 2022-12-18 numpy.str `str`
    numpy 2 2024-06-16 numpy.float_ `numpy.float64`
    numpy 2 2024-06-16 numpy.complex_ `numpy.complex128`
    numpy 2 2024-06-16 numpy.unicode_ `numpy.str_`
    numpy 2 2024-06-16 numpy.string_ `numpy.bytes_`
    numpy 2 2024-06-16 numpy.Inf `numpy.inf`
    numpy 2 2024-06-16 numpy.Infinity `numpy.inf`
    numpy 2 2024-06-16 numpy.infty `numpy.inf`
    numpy 2 2024-06-16 numpy.PINF `numpy.inf`
    numpy 2 2024-06-16 numpy.NINF `-numpy.inf`
    numpy 2 2024-06-16 numpy.NaN `numpy.nan`
    numpy 2 2024-06-16 numpy.NAN `numpy.nan`
    numpy 2 2024-06-16 numpy.product `numpy.prod`
    numpy 2 2024-06-16 numpy.cumproduct `numpy.cumprod`
    numpy 2 2024-06-16 numpy.alltrue `numpy.all`
    numpy 2 2024-06-16 numpy.sometrue `numpy.any`
    numpy 2 2024-06-16 numpy.round_ `numpy.round`
    numpy 2 2024-06-16 numpy.asfarray `numpy.asarray` with a dtype
    numpy 2 2024-06-16 numpy.msort `numpy.sort` with `axis=0`
    numpy 2 2024-06-16 numpy.mat `numpy.asmatrix`
    pillow 10 2023-07-01 PIL.Image.ANTIALIAS `PIL.Image.LANCZOS`
    pillow 10 2023-07-01 PIL.Image.LINEAR `PIL.Image.BILINEAR`
    pillow 10 2023-07-01 PIL.Image.CUBIC `PIL.Image.BICUBIC`
    pydantic 2 2023-06-30 pydantic.BaseSettings the package `pydantic-settings`
    pydantic 2 2023-06-30 pydantic.ConstrainedStr `typing.Annotated` with `pydantic.StringConstraints`
    pydantic 2 2023-06-30 pydantic.ConstrainedInt `typing.Annotated` with `pydantic.Field`
    pydantic 2 2023-06-30 pydantic.ConstrainedFloat `typing.Annotated` with `pydantic.Field`
    pydantic 2 2023-06-30 pydantic.ConstrainedList `typing.Annotated` with `pydantic.Field`
    pydantic 2 2023-06-30 pydantic.Required `...`
    pydantic 2 2023-06-30 pydantic.parse_raw_as `pydantic.TypeAdapter`
    pydantic 2 2023-06-30 pydantic.parse_file_as `pydantic.TypeAdapter`
    pillow 10 2023-07-01 PIL.ImageDraw.Draw().textsize `textbbox` or `textlength`
    pillow 10 2023-07-01 PIL.ImageDraw.Draw().multiline_textsize `multiline_textbbox`
    pillow 10 2023-07-01 PIL.ImageFont.truetype().getsize `getbbox` or `getlength`
    pillow 10 2023-07-01 PIL.ImageFont.load_default().getsize `getbbox` or `getlength`
    pydantic 2 2023-06-30 pydantic.Field(regex=) `pattern`
    pydantic 2 2023-06-30 pydantic.constr(regex=) `pattern`
    pydantic 2 2023-06-30 pydantic.conlist(min_items=) `min_length`
    pydantic 2 2023-06-30 pydantic.conlist(max_items=) `max_length`
    scipy 1.9 2022-07-29 scipy.linalg.pinv2 `scipy.linalg.pinv`
    scipy 1.12 2024-01-20 scipy.stats.binom_test `scipy.stats.binomtest`
    scipy 1.15 2025-01-03 scipy.misc.face `scipy.datasets.face`, or a file of your own
    scipy 1.15 2025-01-03 scipy.misc.derivative `numpy.gradient` or `scipy.differentiate`
    scipy 1.13 2024-04-02 scipy.signal.hann `scipy.signal.windows.hann`
    scipy 1.13 2024-04-02 scipy.signal.hamming `scipy.signal.windows.hamming`
    scipy 1.13 2024-04-02 scipy.signal.blackman `scipy.signal.windows.blackman`
    scipy 1.13 2024-04-02 scipy.signal.gaussian `scipy.signal.windows.gaussian`
    scipy 1.14 2024-06-24 scipy.integrate.simps `scipy.integrate.simpson`
    scipy 1.14 2024-06-24 scipy.integrate.trapz `scipy.integrate.trapezoid`
    scipy 1.14 2024-06-24 scipy.integrate.cumtrapz `scipy.integrate.cumulative_trapezoid`
    scipy 1.15 2025-01-03 scipy.signal.cwt the package `PyWavelets`
    scipy 1.15 2025-01-03 scipy.signal.ricker the package `PyWavelets`
    networkx 3 2023-01-07 networkx.to_numpy_matrix `networkx.to_numpy_array`
    networkx 3 2023-01-07 networkx.from_numpy_matrix `networkx.from_numpy_array`
    networkx 3 2023-01-07 networkx.to_scipy_sparse_matrix `networkx.to_scipy_sparse_array`
    networkx 3 2023-01-07 networkx.from_scipy_sparse_matrix `networkx.from_scipy_sparse_array`
    networkx 3 2023-01-07 networkx.read_gpickle `pickle.load`
    networkx 3 2023-01-07 networkx.write_gpickle `pickle.dump`
    networkx 3 2023-01-07 networkx.info `print(graph)`
    networkx 3 2023-01-07 networkx.OrderedGraph `networkx.Graph`
    matplotlib 3.9 2024-05-15 matplotlib.cm.get_cmap `matplotlib.colormaps[name]`
    matplotlib 3.9 2024-05-15 matplotlib.cm.register_cmap `matplotlib.colormaps.register`
    pandas 2 2023-04-03 pandas.Int64Index `pandas.Index` with a dtype
    pandas 2 2023-04-03 pandas.Float64Index `pandas.Index` with a dtype
    pandas 2 2023-04-03 pandas.DataFrame().append `pandas.concat`
    pandas 2 2023-04-03 pandas.DataFrame().iteritems `items`
    pandas 2 2023-04-03 pandas.read_csv().append `pandas.concat`
    pandas 2 2023-04-03 pandas.Series().append `pandas.concat`
    pandas 2 2023-04-03 pandas.Series().iteritems `items`
    pandas 2 2023-04-03 pandas.read_csv(squeeze=) `.squeeze("columns")`
    pandas 2 2023-04-03 pandas.read_csv(error_bad_lines=) `on_bad_lines="skip"`
    scikit-learn 1.2 2022-12-08 sklearn.datasets.load_boston another data set
    scikit-learn 1.2 2022-12-08 sklearn.metrics.plot_confusion_matrix `ConfusionMatrixDisplay.from_estimator`
    scikit-learn 1.2 2022-12-08 sklearn.metrics.plot_roc_curve `RocCurveDisplay.from_estimator`
    scikit-learn 1.4 2024-01-18 sklearn.preprocessing.OneHotEncoder(sparse=) `sparse_output`
    flask 2.3 2023-04-25 flask.json.JSONEncoder `flask.json.provider.DefaultJSONProvider`
    flask 3 2023-09-30 flask.Markup `markupsafe.Markup`
    flask 3 2023-09-30 flask.escape `markupsafe.escape`
    werkzeug 2.1 2022-03-28 werkzeug.security.safe_str_cmp `hmac.compare_digest`
    werkzeug 3 2023-09-30 werkzeug.urls.url_quote `urllib.parse.quote`
    werkzeug 3 2023-09-30 werkzeug.urls.url_unquote `urllib.parse.unquote`
    werkzeug 3 2023-09-30 werkzeug.urls.url_parse `urllib.parse.urlsplit`
    werkzeug 3 2023-09-30 werkzeug.urls.url_encode `urllib.parse.urlencode`
    werkzeug 3 2023-09-30 werkzeug.urls.url_decode `urllib.parse.parse_qs`
    jinja2 3.1 2022-03-24 jinja2.Markup `markupsafe.Markup`
    jinja2 3.1 2022-03-24 jinja2.escape `markupsafe.escape`
    jinja2 3.1 2022-03-24 jinja2.contextfilter `jinja2.pass_context`
    jinja2 3.1 2022-03-24 jinja2.contextfunction `jinja2.pass_context`
    jinja2 3.1 2022-03-24 jinja2.environmentfilter `jinja2.pass_environment`
    markupsafe 2.1 2022-02-18 markupsafe.soft_unicode `markupsafe.soft_str`
    itsdangerous 2.1 2022-02-18 itsdangerous.TimedJSONWebSignatureSerializer the package `pyjwt`
    itsdangerous 2.1 2022-02-18 itsdangerous.JSONWebSignatureSerializer the package `pyjwt`
    openai 1 2023-11-06 openai.ChatCompletion.create `openai.OpenAI().chat.completions.create`
    openai 1 2023-11-06 openai.Completion.create `openai.OpenAI().completions.create`
    openai 1 2023-11-06 openai.Embedding.create `openai.OpenAI().embeddings.create`
    openai 1 2023-11-06 openai.error the exceptions in `openai` itself
    httpx 0.28 2024-11-28 httpx.Client(proxies=) `proxy`, or `mounts`
    httpx 0.28 2024-11-28 httpx.AsyncClient(proxies=) `proxy`, or `mounts`
    httpx 0.28 2024-11-28 httpx.get(proxies=) `proxy`
    httpx 0.28 2024-11-28 httpx.post(proxies=) `proxy`
    pypdf2 3 2022-12-23 PyPDF2.PdfFileReader the package `pypdf` and its `PdfReader`
    pypdf2 3 2022-12-23 PyPDF2.PdfFileWriter the package `pypdf` and its `PdfWriter`
    pypdf2 3 2022-12-23 PyPDF2.PdfFileMerger the package `pypdf` and its `PdfWriter`
    pypdf 3 2022-12-23 pypdf.PdfFileReader `pypdf.PdfReader`
    pypdf 3 2022-12-23 pypdf.PdfFileWriter `pypdf.PdfWriter`
    pypdf 5 2024-09-15 pypdf.PdfMerger `pypdf.PdfWriter` with `append`
    moviepy 2 2024-11-19 moviepy.editor `from moviepy import VideoFileClip`
    shapely 2 2022-12-12 shapely.geometry.asShape `shapely.geometry.shape`
    shapely 2.1 2025-04-03 shapely.ops.cascaded_union `shapely.ops.unary_union`
    Python 3.8 2019-10-14 time.clock `time.perf_counter`
    Python 3.8 2019-10-14 platform.linux_distribution the package `distro`
    Python 3.9 2020-10-05 fractions.gcd `math.gcd`
    Python 3.9 2020-10-05 base64.encodestring `base64.encodebytes`
    Python 3.9 2020-10-05 base64.decodestring `base64.decodebytes`
    Python 3.10 2021-10-04 collections.Mapping `collections.abc.Mapping`
    Python 3.10 2021-10-04 collections.MutableMapping `collections.abc.MutableMapping`
    Python 3.10 2021-10-04 collections.Iterable `collections.abc.Iterable`
    Python 3.10 2021-10-04 collections.Iterator `collections.abc.Iterator`
    Python 3.10 2021-10-04 collections.Sequence `collections.abc.Sequence`
    Python 3.10 2021-10-04 collections.Callable `collections.abc.Callable`
    Python 3.10 2021-10-04 collections.Hashable `collections.abc.Hashable`
    Python 3.11 2022-10-24 inspect.getargspec `inspect.signature`
    Python 3.11 2022-10-24 asyncio.coroutine `async def`
    Python 3.12 2023-10-02 configparser.SafeConfigParser `configparser.ConfigParser`
    Python 3.12 2023-10-02 ssl.wrap_socket `ssl.SSLContext.wrap_socket`
    Python 3.12 2023-10-02 ssl.match_hostname an `ssl.SSLContext`, which does it
    Python 3.13 2024-10-07 locale.resetlocale `locale.setlocale(locale.LC_ALL, "")`
    Python 3.13 2024-10-07 unittest.makeSuite `unittest.TestLoader`
"""
"""Package, the first version without it, when that was released, what is gone, what to use instead.

`module.function()` is what the function returns, and `module.function(keyword=)` an argument of it. The package
`Python` is Python itself, 3.13 in the image; the modules that it removed are in `standard_library`. Each row was tried:
what is gone is missing, or raises, in the newest version.
"""

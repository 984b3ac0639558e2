"""The playground of every service on this platform, and the gallery of all of them at the root.

Which service it is comes from the host name, `<slug>.<domain>`, or from the path, which the ingress has taken off and
names in a header. The form is drawn from the service's OpenAPI document.
"""

import html
import json
import os
import re
import time
from pathlib import Path
from typing import Any

import requests
import streamlit as st
from answer import answer_schema, curl, explain, read_answer
from ask import Unreadable, ask
from widgets import plain, show_form, show_part

DOMAIN = os.environ["PLATFORM_DOMAIN"]
URL = os.environ["PLATFORM_URL"]
# The addresses of a service for people and for programs, with "{slug}" for its name.
SERVICE = os.environ["PLATFORM_SERVICE"]
API = os.environ["PLATFORM_API"]
GATEWAY = os.environ["PLATFORM_GATEWAY"]
CATALOG = Path(os.environ.get("PLATFORM_CATALOG", "/catalog"))
# How long a call may take; services give up earlier by themselves.
CALL_SECONDS = 90

STYLE = """
<style>
  .block-container { max-width: 1120px; padding-top: 2.5rem; padding-bottom: 4rem; }
  [data-testid="stHeader"] { background: transparent; }
  h1 { font-size: 2.1rem !important; letter-spacing: -0.02em; padding-bottom: 0.25rem !important; }
  :root { --card: #fff; }
  @media (prefers-color-scheme: dark) { :root { --card: #1a1d26; } }
  [data-testid="stForm"], .st-key-result, a.card { background: var(--card); border-radius: 12px; }
  [data-testid="stImage"] img { border-radius: 6px; border: 1px solid rgba(128, 128, 128, 0.25); }
  .cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(290px, 1fr)); gap: 1rem; margin-top: 0.5rem; }
  a.card { display: block; padding: 1.1rem 1.25rem; border: 1px solid rgba(128, 128, 128, 0.28);
           color: inherit !important; text-decoration: none !important; transition: all 0.15s; }
  a.card:hover { border-color: #4f46e5; box-shadow: 0 4px 16px rgba(79, 70, 229, 0.12); }
  a.card b { display: block; font-size: 1.1rem; margin-bottom: 0.3rem; }
  a.card p { margin: 0; opacity: 0.75; font-size: 0.95rem; line-height: 1.45; }
  a.card small { display: block; margin-top: 0.8rem; color: #4f46e5; }
</style>
"""


def main() -> None:
    slug = asked_for()
    if slug is None:
        st.set_page_config(page_title="Microservices", page_icon="🧩", layout="wide")
        st.html(STYLE)
        show_gallery()
        return
    service = read_entry(CATALOG / f"{slug}.json")
    st.set_page_config(page_title=service["title"] if service else slug, page_icon="🧩", layout="wide")
    st.html(STYLE)
    if service is None:
        st.title("No such service")
        st.write("Nothing is deployed under this name.")
    else:
        show_service(service)


def asked_for() -> str | None:
    """Return the slug that the browser's host name or path holds, or None for the gallery."""
    # The ingress sets it, or takes away what a browser says.
    prefix = st.context.headers.get("X-Forwarded-Prefix") or ""
    if prefix:
        return prefix.removeprefix("/")
    host = (st.context.headers.get("Host") or "").partition(":")[0].lower()
    match = re.fullmatch(r"([a-z0-9-]+)\." + re.escape(DOMAIN), host)
    return match[1] if match else None


def read_entry(path: Path) -> dict[str, Any] | None:
    try:
        entry = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return entry if isinstance(entry, dict) else None


def show_gallery() -> None:
    entries = [read_entry(path) for path in sorted(CATALOG.glob("*.json"))]
    shown = sorted((entry for entry in entries if entry and entry.get("live")), key=lambda entry: entry["title"])
    services = [entry for entry in shown if not entry.get("preview")]
    previews = [entry for entry in shown if entry.get("preview")]
    st.title("Microservices")
    if services:
        st.caption(f"{len(services)} deployed on this platform")
        show_cards(services)
    else:
        st.write("No service is deployed yet. Describe one in an issue, and it appears here.")
    if previews:
        st.subheader("Previews", anchor=False)
        st.caption("Of pull requests, to be tried before they are merged")
        show_cards(previews)


def show_cards(services: list[dict[str, Any]]) -> None:
    st.html('<div class="cards">' + "".join(card(service) for service in services) + "</div>")


def card(service: dict[str, Any]) -> str:
    title, summary, slug = (html.escape(str(service[name])) for name in ("title", "summary", "slug"))
    label = f"Pull request #{int(service['preview'])} →" if service.get("preview") else "Open →"
    return (
        f'<a class="card" href="{SERVICE.format(slug=slug)}"><b>{title}</b><p>{summary}</p><small>{label}</small></a>'
    )


def show_service(service: dict[str, Any]) -> None:
    page = SERVICE.format(slug=service["slug"])
    st.title(plain(service["title"]), anchor=False)
    st.write(plain(service["summary"]))
    if service.get("preview"):
        what = f"This is a preview of pull request #{service['preview']}, at commit {service['commit'][:7]}"
        st.info(f"{what}. What is live stays as it is.", icon=":material/science:")
    st.caption(f"[API documentation]({page}docs) · [OpenAPI]({page}openapi.json) · [All services]({URL})")
    document = ask_document(service["slug"])
    if document is None:
        st.error("The service does not answer right now. It may be restarting: reload this page in a moment.")
        return
    left, right = st.columns(2, gap="large")
    with left:
        body = show_form(document)
        if body is not None:
            with st.spinner("Running …"):
                st.session_state["call"] = call(service, body)
    with right:
        if "call" in st.session_state:
            show_call(service, document, st.session_state["call"])
        else:
            with st.container(border=True, key="result"):
                st.markdown("##### Result")
                st.caption("Press **Run**: the form holds a working example.")


def ask_document(slug: str) -> dict[str, Any] | None:
    try:
        status, document = ask("GET", f"{GATEWAY}/openapi.json", f"{slug}.{DOMAIN}", 10)
    except (requests.RequestException, Unreadable):
        return None
    return document if status == 200 and isinstance(document, dict) else None


def call(service: dict[str, Any], body: dict[str, Any]) -> dict[str, Any]:
    """Return what came of POST /execute: status (0 if unreachable), body, seconds, and the request itself."""
    started = time.monotonic()
    status, answer = 0, None
    try:
        status, answer = ask("POST", f"{GATEWAY}/execute", f"{service['slug']}.{DOMAIN}", CALL_SECONDS, body)
    except requests.Timeout:
        answer = {"detail": f"No answer within {CALL_SECONDS} seconds."}
    except requests.RequestException:
        answer = {"detail": "The service is not reachable right now: try again in a moment."}
    except Unreadable as error:
        answer = {"detail": str(error)}
    return {"status": status, "answer": answer, "seconds": time.monotonic() - started, "request": body}


def show_call(service: dict[str, Any], document: dict[str, Any], result: dict[str, Any]) -> None:
    status, answer = result["status"], result["answer"]
    with st.container(border=True, key="result"):
        st.markdown(f"##### Result :gray[· {result['seconds']:.2f} s]")
        if status == 200 and isinstance(answer, dict):
            for part in read_answer(answer, answer_schema(document)):
                show_part(part)
        elif status == 422:
            st.error("The service does not accept this input.", icon=":material/edit:")
            for sentence in explain(status, answer):
                st.markdown(f"- {plain(sentence)}")
        else:
            st.error(plain(" ".join(explain(status, answer))), icon=":material/error:")
    with st.expander("The same request with curl", icon=":material/terminal:"):
        command = curl(API.format(slug=service["slug"]), result["request"])
        st.code(command, language="bash", wrap_lines=True)
        if "@request.json" in command:
            st.download_button("request.json", json.dumps(result["request"]), "request.json", "application/json")
    if status == 200:
        with st.expander("The answer as JSON", icon=":material/data_object:"):
            text = json.dumps(answer, indent=2, ensure_ascii=False)
            st.code(text if len(text) < 20_000 else text[:20_000] + "\n…", language="json")


main()

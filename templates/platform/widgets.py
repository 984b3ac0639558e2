"""The pieces a page is drawn with: one input field, one part of an answer."""

import base64
import html
import io
import json
import re
from collections.abc import Callable
from typing import Any

import streamlit as st
from answer import Part
from form import Field, read_json
from media import decode, sniff, suffixes


def plain(text: str) -> str:
    """Return text that Markdown shows as it is: titles and summaries are not ours and may hold links or images."""
    return re.sub(r"([\\`*_{}\[\]()#+.!~$:<>|-])", r"\\\1", " ".join(text.split()))


def draw(field: Field) -> Any:
    """Draw one field; return what it holds, as Streamlit gives it."""
    label = plain(field.label) + ("" if field.required else " :gray[(optional)]")
    value, key, hint = field.value, f"field-{field.name}", plain(field.help) or None
    if field.kind == "choice":
        chosen = field.options.index(value) if value in field.options else (0 if field.required else None)
        return st.selectbox(label, field.options, index=chosen, help=hint, key=key)
    if field.kind == "boolean":
        return st.checkbox(plain(field.label), value=bool(value), help=hint, key=key)
    if field.kind in ("number", "integer"):
        kind = int if field.kind == "integer" else float
        start = kind(value) if isinstance(value, int | float) else None
        least, most = (None if bound is None else kind(bound) for bound in (field.minimum, field.maximum))
        return st.number_input(
            label, value=start, min_value=least, max_value=most, step=1 if kind is int else None, help=hint, key=key
        )
    if field.kind in ("file", "files"):
        return draw_file(field, label, hint, key)
    if field.kind == "json":
        text = "" if value is None else json.dumps(value, indent=2, ensure_ascii=False)
        return st.text_area(f"{label} :gray[JSON]", text, help=hint, key=key, height=160)
    if field.kind == "long text":
        return st.text_area(label, value or "", help=hint, key=key, max_chars=field.max_length, height=130)
    return st.text_input(label, value or "", help=hint, key=key, max_chars=field.max_length)


def draw_file(field: Field, label: str, hint: str | None, key: str) -> Any:
    uploaded = st.file_uploader(
        label, type=suffixes(field.media_type), accept_multiple_files=field.kind == "files", help=hint, key=key
    )
    if not uploaded and isinstance(field.value, str) and (data := decode(field.value)):
        st.caption(f"Without a file, the example's is sent ({size(len(data))}).")
        if field.media_type.startswith("image/"):
            show_image(data, width=160)
    return uploaded


def to_send(field: Field, entered: Any, example: dict[str, Any]) -> Any:
    """Return a field's value as JSON has it, or None where it was left empty."""
    if field.kind == "file":
        return base64.b64encode(entered.getvalue()).decode() if entered else example.get(field.name)
    if field.kind == "files":
        files = [base64.b64encode(file.getvalue()).decode() for file in entered or ()]
        return files or example.get(field.name)
    if field.kind == "json":
        return read_json(field, entered) if entered.strip() else None
    if entered == "" and not (field.required and field.value == ""):
        return None
    return entered


def show_part(part: Part) -> None:
    """Draw one part of an answer; what is a file by nature can be saved."""
    if part.kind == "value":
        value = part.value if isinstance(part.value, str) else json.dumps(part.value)
        st.markdown(f"**{plain(part.label)}** &nbsp; {plain(value)}")
        return
    st.markdown(f"**{plain(part.label)}**")
    if part.kind in SHOWN:
        SHOWN[part.kind](part)
    if part.kind in SAVED:
        media_type = part.media_type or ("text/plain" if part.kind == "text" else "application/octet-stream")
        label = f"{part.file_name} · {size(len(part.value))}"
        st.download_button(
            label, part.value, part.file_name, media_type, key=f"save-{part.name}", icon=":material/download:"
        )


def show_text(part: Part) -> None:
    st.code(part.value, language=None, wrap_lines=True)


def show_image(data: bytes | str, width: int | None = None) -> None:
    shown = (
        data.decode("utf-8", "replace") if isinstance(data, bytes) and data.lstrip()[:4] in (b"<svg", b"<?xm") else data
    )
    try:
        # Streamlit makes JPEGs of all other pictures, which blurs their edges.
        kept = isinstance(shown, str) or sniff(shown) in ("image/gif", "image/jpeg")
        source = shown if isinstance(shown, str) else io.BytesIO(shown)
        st.image(source, width=width or "content", output_format="auto" if kept else "PNG")
    except Exception:  # noqa: BLE001 - whatever the image library finds wrong with foreign bytes
        st.caption("This picture cannot be shown here; it can be saved.")


def show_html(text: str) -> None:
    # The inner frame has an origin of its own: what runs there cannot reach this page.
    style = "width: 100%; height: 98vh; border: 0"
    frame = f'<iframe sandbox="allow-scripts" style="{style}" srcdoc="{html.escape(text)}"></iframe>'
    st.iframe(frame, height=420)


def size(count: int) -> str:
    return (
        f"{count} bytes" if count < 1000 else f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1e6:.1f} MB"
    )


SHOWN: dict[str, Callable[[Part], Any]] = {
    "image": lambda part: show_image(part.value),
    "audio": lambda part: st.audio(part.value, format=part.media_type),
    "video": lambda part: st.video(part.value, format=part.media_type),
    "html": lambda part: show_html(part.value),
    "table": lambda part: st.dataframe(part.value, hide_index=True),
    "text": show_text,
    "markdown": show_text,
    "json": lambda part: st.json(part.value, expanded=2),
    "nothing": lambda part: st.caption(part.kind),
}
"""What draws a part, by its kind. A download is not drawn."""

SAVED = ("image", "audio", "video", "download", "html", "text", "markdown")
"""The kinds that come with a button to save them."""

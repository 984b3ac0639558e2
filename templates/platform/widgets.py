"""The pieces a page is drawn with: one input field, one part of an answer."""

import html
import io
import json
import re
from collections.abc import Callable
from typing import Any

import pandas
import streamlit as st
from answer import Part
from entered import ROWS, collect, rows_of
from form import Field, as_text, read_example, read_form
from media import decode, sniff


def plain(text: str) -> str:
    """Return text that Markdown shows as it is: titles and summaries are not ours and may hold links or images."""
    return re.sub(r"([\\`*_{}\[\]()#+.!~$:<>|-])", r"\\\1", " ".join(text.split()))


def show_form(document: dict[str, Any]) -> dict[str, Any] | None:
    """Draw the form; return the request body once Run was pressed and every field can be sent.

    Optional fields that the example does not have are folded away, and are sent only where something was entered.
    """
    fields = read_form(document)
    folded = [field for field in fields if not field.required and field.value is None]
    with st.form("input"):
        entered = {field.name: draw(field) for field in fields if field not in folded}
        if folded:
            with st.expander("Optional", expanded=not entered):
                entered |= {field.name: draw(field) for field in folded}
        pressed = st.form_submit_button("Run", type="primary", icon=":material/play_arrow:", width="stretch")
    if not pressed:
        return None
    body, faults = collect(fields, entered, read_example(document))
    for fault in faults:
        st.error(plain(fault))
    if faults:
        st.session_state.pop("call", None)
    return None if faults else body


def draw(field: Field) -> Any:
    """Draw one field; return what it holds: text, True or False, uploaded files, rows, or the same of an object."""
    label = plain(field.label) + ("" if field.required else " :gray[(optional)]")
    key, hint = f"field-{'.'.join(field.path)}", plain(field.help) or None
    if field.kind == "object":
        with st.container(border=True):
            st.markdown(label, help=hint)
            return {part.name: draw(part) for part in field.within}
    if field.kind in ROWS:
        return draw_rows(field, label, hint, key)
    if field.kind in ("choice", "boolean"):
        return draw_choice(field, label, hint, key)
    if field.kind in ("file", "files"):
        return draw_file(field, label, hint, key)
    text, empty = as_text(field.value), as_text(field.default)
    if field.kind == "json":
        text = "" if field.value is None else json.dumps(field.value, indent=2, ensure_ascii=False)
        return st.text_area(f"{label} :gray[JSON]", text, help=hint, key=key, height=160, placeholder=empty)
    if field.kind == "long text":
        return st.text_area(label, text, help=hint, key=key, max_chars=field.max_length, height=130, placeholder=empty)
    if field.kind == "text file":
        typed = st.text_area(label, text, help=hint, key=key, height=160, placeholder=empty)
        uploaded = st.file_uploader(
            f"{label} from a file", type=field.suffixes or None, key=f"{key}-file", label_visibility="collapsed"
        )
        return uploaded or typed
    # Numbers as well: a browser's number is not exact above 2^53, and shows 0.00012 as 0.00.
    return st.text_input(label, text, help=hint, key=key, max_chars=field.max_length, placeholder=empty)


def draw_choice(field: Field, label: str, hint: str | None, key: str) -> Any:
    if field.kind == "boolean" and field.required:
        return st.checkbox(plain(field.label), value=bool(field.value), help=hint, key=key)
    options = field.options if field.kind == "choice" else (True, False)
    chosen = options.index(field.value) if field.value in options else (0 if field.required else None)
    default = {True: "yes", False: "no"}.get(field.default) if field.kind == "boolean" else field.default
    return st.selectbox(
        label,
        options,
        index=chosen,
        help=hint,
        key=key,
        placeholder=as_text(default) or "not sent",
        format_func=as_text if field.kind == "choice" else lambda value: "yes" if value else "no",
    )


def draw_rows(field: Field, label: str, hint: str | None, key: str) -> list[dict[str, Any]]:
    """Draw a table to which rows can be added; return its rows, empty cells as None or ""."""
    st.markdown(label, help=hint)
    columns = {column.name: draw_column(column) for column in field.within}
    kinds = {column.name: "boolean" if column.kind == "boolean" else "string" for column in field.within}
    start = pandas.DataFrame(rows_of(field), columns=list(columns)).astype(kinds)
    edited = st.data_editor(start, num_rows="dynamic", hide_index=True, column_config=columns, key=key, width="stretch")
    rows = edited.astype(object).where(edited.notna(), None)
    return [{str(name): cell for name, cell in row.items()} for row in rows.to_dict("records")]


def draw_column(column: Field) -> Any:
    hint, label = column.help or None, column.label
    if column.kind == "boolean":
        return st.column_config.CheckboxColumn(label, help=hint)
    if column.kind == "choice":
        return st.column_config.SelectboxColumn(label, help=hint, options=list(map(as_text, column.options)))
    return st.column_config.TextColumn(label, help=hint, max_chars=column.max_length)


def draw_file(field: Field, label: str, hint: str | None, key: str) -> Any:
    uploaded = st.file_uploader(
        label, type=field.suffixes or None, accept_multiple_files=field.kind == "files", help=hint, key=key
    )
    if not uploaded and isinstance(field.value, str) and (data := decode(field.value)):
        st.caption(f"Without a file, the example's is sent ({size(len(data))}).")
        if field.media_type.startswith("image/"):
            show_image(data, width=160)
    return uploaded


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

"use strict";
// Keep everything marked `data-live` as it is on the server, without touching what the reader types, folds or selects.
const PERIOD = 1500;

function carryOver(from, to) {
  for (const old of from.querySelectorAll("details[id]")) {
    const fresh = to.querySelector(`#${CSS.escape(old.id)}`);
    if (fresh) fresh.open = old.open;
  }
}

function isBeingFilledIn(part) {
  const fields = [...part.querySelectorAll("textarea, input:not([type=hidden])")];
  return fields.some((field) => field === document.activeElement || field.value !== field.defaultValue);
}

function follow(log) {
  log.scrollTop = log.scrollHeight;
}

async function refresh() {
  if (document.hidden || !window.getSelection().isCollapsed) return;
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  for (const part of document.querySelectorAll("[data-live]")) {
    const fresh = page.getElementById(part.id);
    if (!fresh || fresh.innerHTML === part.dataset.shown || isBeingFilledIn(part)) continue;
    part.dataset.shown = fresh.innerHTML;
    carryOver(part, fresh);
    const ends = new Map();
    for (const log of part.querySelectorAll("pre.log")) {
      ends.set(log.id, [log.scrollHeight - log.scrollTop - log.clientHeight < 40, log.scrollTop]);
    }
    part.replaceChildren(...fresh.childNodes);
    for (const log of part.querySelectorAll("pre.log")) {
      const [atEnd, top] = ends.get(log.id) ?? [true, 0];
      if (atEnd) follow(log);
      else log.scrollTop = top;
    }
  }
}

document.querySelectorAll("pre.log").forEach(follow);
if (document.querySelector("[data-live]")) {
  setInterval(() => refresh().catch(() => {}), PERIOD);
}

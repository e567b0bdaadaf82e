/**
 * The script of the inspector's page. Text of calls only ever becomes text nodes: whoever sends a call must not be able to put
 * markup into the page.
 */
export const script: string = String.raw`
"use strict";
const token = new URLSearchParams(location.search).get("token");
const at = (path) => path + "?token=" + encodeURIComponent(token);
const find = (id) => document.getElementById(id);
const ROW_HEIGHT = 46;
const calls = new Map();
let shown = [];
let selected;
let paused = false;
let missed = 0;
let detail;

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes ?? {})) {
    if (key.startsWith("on")) made.addEventListener(key.slice(2), value);
    else if (value !== undefined && value !== false) made.setAttribute(key, value);
  }
  made.append(...children.flat().filter((child) => child !== undefined));
  return made;
}

/* The list: only the rows in view are in the document, so that thousands of calls cost nothing. */

function fits(call) {
  const words = find("filter").value.toLowerCase().split(/\s+/).filter(Boolean);
  const state = find("state").value;
  if (state === "verified" && !call.verified) return false;
  if (state === "unverified" && call.verified) return false;
  if (state === "refused" && call.state !== "bad") return false;
  return words.every((word) => call.text.includes(word));
}

function listAgain() {
  shown = [...calls.values()].filter(fits).reverse();
  find("rows").style.height = shown.length * ROW_HEIGHT + "px";
  find("count").textContent = shown.length + " of " + calls.size + (paused ? ", paused, " + missed + " new" : "");
  find("empty").hidden = calls.size > 0;
  drawRows();
}

function drawRows() {
  const list = find("list");
  const first = Math.max(Math.floor(list.scrollTop / ROW_HEIGHT) - 5, 0);
  const last = Math.ceil((list.scrollTop + list.clientHeight) / ROW_HEIGHT) + 5;
  const rows = shown.slice(first, last).map((call, index) => drawRow(call, first + index));
  find("rows").replaceChildren(...rows);
}

function drawRow(call, index) {
  const row = element("div", {
    class: "row",
    role: "option",
    id: "call-" + call.number,
    "aria-selected": String(call.number === selected),
    onclick: () => select(call.number),
  },
    element("span", { class: "state " + call.state }, call.stateText),
    element("b", {}, "#" + call.number + " " + call.event),
    element("small", {}, call.time + "  " + (call.verified ? "verified" : "not verified: " + call.failed) + "  " + call.ids));
  row.style.top = index * ROW_HEIGHT + "px";
  return row;
}

async function select(number) {
  selected = number;
  find("list").setAttribute("aria-activedescendant", "call-" + number);
  drawRows();
  const answer = await fetch(at("/calls/" + number));
  if (!answer.ok) return;
  const loaded = await answer.json();
  if (selected !== number) return;
  detail = loaded;
  drawDetail();
}

function move(step) {
  const index = shown.findIndex((call) => call.number === selected);
  const next = shown[Math.min(Math.max(index + step, 0), shown.length - 1)];
  if (next === undefined) return;
  const top = shown.indexOf(next) * ROW_HEIGHT;
  const list = find("list");
  if (top < list.scrollTop) list.scrollTop = top;
  if (top + ROW_HEIGHT > list.scrollTop + list.clientHeight) list.scrollTop = top + ROW_HEIGHT - list.clientHeight;
  select(next.number);
}

/* One call. */

function section(title, ...content) {
  return [element("h3", {}, title), ...content];
}

function table(rows) {
  return element("table", {}, rows.map((cells) => element("tr", {}, cells.map((cell) => element("td", {}, cell)))));
}

function steps() {
  const marks = { passed: ["good", "✓ passed"], failed: ["bad", "✗ failed"], skipped: ["faint", "– skipped"] };
  return table(detail.steps.map(({ name, outcome, detail: found }) => {
    const [className, mark] = marks[outcome];
    return [element("span", { class: className }, mark), name, found];
  }));
}

function signingStrings() {
  if (detail.signingString === undefined) return [];
  const better = detail.nearMisses.find((miss) => miss.signingString !== undefined)?.signingString;
  const lines = (text, other) => text.split("\n").map((line, index) => {
    return element(other !== undefined && other.split("\n")[index] !== line ? "ins" : "span", {}, line + "\n");
  });
  const boxes = [element("div", {}, element("h4", {}, "as it came"), element("pre", { id: "received" }, lines(detail.signingString, better)))];
  if (better !== undefined) {
    boxes.push(element("div", {}, element("h4", {}, "as it would verify"), element("pre", { id: "verifying" }, lines(better, detail.signingString))));
  }
  return section("Signing string", element("div", { class: "beside" }, boxes));
}

function bytesOf(base64) {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function textOf(base64) {
  return new TextDecoder().decode(bytesOf(base64));
}

function hexOf(base64) {
  const lines = [];
  const bytes = bytesOf(base64);
  for (let start = 0; start < Math.min(bytes.length, 65536); start += 16) {
    const part = [...bytes.subarray(start, start + 16)];
    const hex = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = part.map((byte) => (byte >= 32 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(start.toString(16).padStart(6, "0") + "  " + hex.padEnd(47) + "  " + text);
  }
  return lines.join("\n");
}

function attempts() {
  if (detail.attempts.length === 0) return [];
  const rows = detail.attempts.map(({ at: time, signed, status, failure, milliseconds, body }) => [
    new Date(time).toTimeString().slice(0, 8),
    element("span", { class: status >= 200 && status < 300 ? "good" : "bad" }, String(status ?? failure)),
    milliseconds + " ms, signed " + signed,
    textOf(body),
  ]);
  return section("The app's answers", table(rows));
}

function button(id, label, act) {
  return element("button", { id, type: "button", onclick: act }, label);
}

function drawDetail() {
  const hasBody = detail.body !== undefined;
  find("call").replaceChildren(
    element("h2", {}, "#" + detail.number + " " + detail.event + "  ",
      element("span", { class: detail.verified ? "good" : "bad" }, detail.verified ? "verified" : "not verified")),
    element("div", { class: "actions" },
      button("replay", "Replay (r)", () => replay()),
      hasBody ? button("edit", "Edit and replay (e)", edit) : undefined,
      detail.curl === undefined ? undefined : button("curl", "Copy as curl (c)", () => copy(detail.curl)),
      detail.test === undefined ? undefined : button("test", "Copy as test (t)", () => copy(detail.test))),
    element("div", { id: "editor" }),
    ...detail.nearMisses.map(({ change, remedy }) => element("div", { class: "miss" }, change, element("br"), element("b", {}, remedy))),
    ...(detail.problem === undefined ? [] : [element("p", { class: "bad" }, detail.problem)]),
    ...section("Verification", steps()),
    ...signingStrings(),
    ...attempts(),
    ...section("Event", element("pre", { id: "event" }, JSON.stringify(detail.variables ?? {}, null, 2))),
    ...(detail.typed === undefined ? [] : section("Typed event", element("pre", { id: "typed" }, JSON.stringify(detail.typed, null, 2)))),
    ...section("Request", element("pre", {}, detail.method + " " + detail.target), table(detail.headers)),
    ...(hasBody ? section("Body", element("pre", { id: "body" }, textOf(detail.body)), element("details", {}, element("summary", {}, "bytes"), element("pre", {}, hexOf(detail.body)))) : []));
}

/* What a person does with a call. */

function toast(text) {
  find("toast").textContent = text;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => { find("toast").textContent = ""; }, 4000);
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    toast("Copied.");
  } catch {
    find("editor").replaceChildren(element("textarea", { readonly: "" }, text));
    toast("The browser refuses to copy: take it from here.");
  }
}

async function replay(body) {
  if (detail === undefined) return;
  const answer = await fetch(at("/calls/" + detail.number + "/replay"), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ body }),
  });
  const result = await answer.json();
  toast(answer.ok ? "The app answered " + (result.status ?? result.failure) + "." : result.detail);
}

function edit() {
  if (detail?.body === undefined) return;
  const field = element("textarea", { id: "edited", "aria-label": "Body" });
  field.value = textOf(detail.body);
  find("editor").replaceChildren(
    element("h3", {}, "Body to send"),
    field,
    element("div", { class: "actions" },
      button("send-edited", "Send, signed anew", () => replay(field.value)),
      button("cancel", "Cancel", () => find("editor").replaceChildren())));
  field.focus();
}

function pause() {
  paused = !paused;
  missed = 0;
  find("pause").setAttribute("aria-pressed", String(paused));
  listAgain();
}

/* What comes in. */

let waiting = false;
function listSoon() {
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; listAgain(); });
}

const stream = new EventSource(at("/calls"));
stream.addEventListener("call", ({ data }) => {
  const call = JSON.parse(data);
  call.text = ("#" + call.number + " " + call.event + " " + call.ids + " " + call.stateText + " " + (call.verified ? "verified" : "not verified " + call.failed)).toLowerCase();
  const known = calls.has(call.number);
  if (paused && !known) {
    held.push(call);
    missed += 1;
  } else calls.set(call.number, call);
  listSoon();
  if (known && call.number === selected && find("editor").childElementCount === 0) select(call.number);
});
stream.addEventListener("open", () => { document.title = "Copernica webhooks"; });
stream.addEventListener("error", () => { document.title = "(ended) Copernica webhooks"; toast("listen has ended, or can't be reached."); });

const held = [];
find("pause").addEventListener("click", () => {
  pause();
  if (!paused) for (const call of held.splice(0)) calls.set(call.number, call);
  listAgain();
});
find("clear").addEventListener("click", () => { calls.clear(); selected = undefined; detail = undefined; find("call").replaceChildren(); listAgain(); });
find("filter").addEventListener("input", listAgain);
find("state").addEventListener("change", listAgain);
find("list").addEventListener("scroll", drawRows);
addEventListener("resize", drawRows);

const keys = {
  j: () => move(1),
  ArrowDown: () => move(1),
  k: () => move(-1),
  ArrowUp: () => move(-1),
  "/": () => find("filter").focus(),
  p: () => find("pause").click(),
  r: () => replay(),
  e: edit,
  c: () => find("curl")?.click(),
  t: () => find("test")?.click(),
};
addEventListener("keydown", (event) => {
  if (event.key === "Escape") return document.activeElement?.blur();
  if (event.ctrlKey || event.metaKey || event.altKey || /^(?:INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)) return;
  const act = keys[event.key];
  if (act === undefined) return;
  event.preventDefault();
  act();
});
const linked = Number(location.hash.slice(1));
if (linked > 0) select(linked);
listAgain();
`;

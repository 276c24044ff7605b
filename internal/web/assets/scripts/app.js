// What a page does by itself in the browser. Every page works without it: here is only what keeps people's work (what they
// type, what they upload), and the ceremony of a passkey, which no form can do. Words come from the page, in its language:
// <body data-say-…>.
"use strict";
(() => {
const body = document.body;
const say = (name) => body.dataset[`say${name}`] ?? "";
const element = (tag, properties, ...children) => {
  const e = Object.assign(document.createElement(tag), properties);
  e.append(...children);
  return e;
};

// ---------- a form is sent once ----------
// The server knows a form that comes twice; this spares people the wait.
const patience = 30_000;

function sent(form) {
  form.dataset.sent = "yes";
  const buttons = [...form.elements].filter((b) => b.type === "submit");
  // After the event, so that the pressed button's own value is still sent.
  setTimeout(() => buttons.forEach((b) => b.setAttribute("aria-disabled", "true")));
  setTimeout(() => again(form), patience);
}

function again(form) {
  delete form.dataset.sent;
  for (const b of form.elements) b.removeAttribute("aria-disabled");
}

document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || form.method !== "post") return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  sent(form);
  mark(form);
});

addEventListener("pageshow", (event) => {
  if (event.persisted) document.querySelectorAll("form[data-sent]").forEach(again);
});

// ---------- what is typed stays until the server has taken it ----------
// A form marked data-keep="NAME" is kept in this tab alone. It goes when a page answers that is no refusal and no sign-in, when
// its maker discards it or signs out, or after half a day. The version that was read is kept with it, so that a stale edit is
// still refused as one.
const halfDay = 12 * 3600_000;
const tab = (() => {
  try {
    return window.sessionStorage;
  } catch {
    return {getItem: () => null, setItem() {}, removeItem() {}, clear() {}}; // a browser that forbids it: as without script
  }
})();
const prefix = "kept ";
const place = (form) => `${prefix}${new URL(form.getAttribute("action") ?? "", location.href).pathname} ${form.dataset.keep ?? ""}`;
const never = new Set(["password", "file", "submit", "button", "image", "reset"]);
const fields = (form) => [...form.elements].filter((f) => f.name && !never.has(f.type) && (f.type !== "hidden" || f.name === "version"));
const state = (f) => (f.type === "checkbox" || f.type === "radio" ? f.checked : f.multiple ? [...f.selectedOptions].map((o) => o.value) : f.value);
const snapshot = (form) => fields(form).map((f) => [f.name, state(f)]);

function load(key) {
  try {
    const kept = JSON.parse(tab.getItem(key));
    if (kept && Date.now() - kept.at < halfDay && (!body.dataset.user || kept.user === body.dataset.user)) return kept;
  } catch {
    // What cannot be read is no loss that could be helped.
  }
  tab.removeItem(key);
  return null;
}

function remember(key, text) {
  try {
    tab.setItem(key, text);
  } catch {
    // A full storage: as without script.
  }
}

const store = (key, kept) => remember(key, JSON.stringify(kept));

// mark notes that a form is on its way. A form without a name that goes to the same place is the same form, as the sign-in page
// hands it back after a session has ended.
function mark(form) {
  if (form.dataset.keep !== undefined) store(place(form), {at: Date.now(), user: body.dataset.user, sent: true, fields: snapshot(form)});
  else each((key, kept) => key.startsWith(place(form)) && store(key, {...kept, sent: true}));
}

function each(act) {
  for (const key of Object.keys(tab).filter((k) => k.startsWith(prefix))) {
    const kept = load(key);
    if (kept) act(key, kept);
  }
}

function restore(form, kept) {
  const left = [...kept.fields];
  for (const f of fields(form)) {
    const i = left.findIndex(([name]) => name === f.name);
    if (i < 0) continue;
    const [[, value]] = left.splice(i, 1);
    if (typeof value === "boolean") f.checked = value;
    else if (Array.isArray(value)) for (const o of f.options) o.selected = value.includes(o.value);
    else f.value = value;
  }
}

function keep(form, refused) {
  const key = place(form);
  const fresh = JSON.stringify(snapshot(form));
  const kept = load(key);
  if (kept && !refused && JSON.stringify(kept.fields) !== fresh) {
    restore(form, kept);
    told(form, key);
  }
  const note = () => {
    const now = snapshot(form);
    if (JSON.stringify(now) === fresh) tab.removeItem(key);
    else store(key, {at: Date.now(), user: body.dataset.user, fields: now});
  };
  form.addEventListener("input", note);
  form.addEventListener("change", note);
}

// told says that the form holds what was typed before, and how to be rid of it.
function told(form, key) {
  const discard = element("button", {type: "button", className: "link", textContent: say("Discard")});
  const notice = element("div", {className: "notice"}, element("p", {textContent: say("Kept")}), element("p", {}, discard));
  notice.setAttribute("role", "status");
  discard.addEventListener("click", () => {
    tab.removeItem(key);
    location.reload();
  });
  form.prepend(notice);
}

const status = performance.getEntriesByType("navigation")[0]?.responseStatus ?? 200;
const refused = status >= 400 || document.querySelector("[data-unanswered]") !== null;
each((key, kept) => {
  if (refused) store(key, {...kept, sent: false});
  else if (kept.sent) tab.removeItem(key);
});
document.querySelectorAll("form[data-keep]").forEach((form) => keep(form, refused));
document.querySelectorAll('form[action="/sign-out"]').forEach((form) => form.addEventListener("submit", () => tab.clear()));

// ---------- files are sent in pieces, and go on where they broke off ----------
// The protocol is that of tus 1.0: POST makes an upload, HEAD says how far it is, PATCH goes on from there.
const piece = {least: 256 << 10, first: 1 << 20, most: 8 << 20};
const tus = {"Tus-Resumable": "1.0.0"};
const tries = 6;
const pause = (ms) => new Promise((done) => setTimeout(done, ms));

class Ended extends Error {} // the session has ended, or the server will not take the file

async function ask(url, options) {
  for (let i = 1; ; i++) {
    const answer = await fetch(url, {...options, headers: {...tus, ...options.headers}}).catch(() => null);
    if (answer && answer.status < 500) return answer;
    if (i === tries) throw new Ended(say("Broken"));
    await pause(300 * 2 ** i);
  }
}

async function refusal(answer) {
  if (answer.status === 401) return new Ended(say("SignIn"));
  const text = (answer.headers.get("Content-Type") ?? "").startsWith("text/plain") ? (await answer.text()).trim() : "";
  return new Ended(text || say("Broken"));
}

// begin makes an upload, or finds the sender's unfinished one of that name and size.
async function begin(file, to) {
  const name = btoa(String.fromCharCode(...new TextEncoder().encode(file.name)));
  const answer = await ask(to, {method: "POST", headers: {"Upload-Length": String(file.size), "Upload-Metadata": `filename ${name}`}});
  if (answer.status !== 201) throw await refusal(answer);
  return [new URL(answer.headers.get("Location"), location.href).pathname, Number(answer.headers.get("Upload-Offset") ?? 0)];
}

// offset is how much of it the server has.
async function offset(url) {
  const answer = await ask(url, {method: "HEAD"});
  if (!answer.ok) throw await refusal(answer);
  return Number(answer.headers.get("Upload-Offset"));
}

// digest has the server hold what was gone on with against the whole file, where that fits into memory: a file may have
// changed between two sittings and kept its size.
async function digest(file) {
  if (file.size > 256 << 20 || !window.crypto?.subtle) return {};
  const sum = new Uint8Array(await crypto.subtle.digest("SHA-256", await file.arrayBuffer()));
  return {"Repr-Digest": `sha-256=:${btoa(String.fromCharCode(...sum))}:`};
}

async function send(file, to, progress) {
  let [url, at] = await begin(file, to);
  const whole = at > 0 ? await digest(file) : {};
  let [size, still] = [piece.first, 0];
  progress(at);
  while (at < file.size) {
    const start = performance.now();
    const answer = await ask(url, {
      method: "PATCH", body: file.slice(at, at + size), headers: {...whole, "Upload-Offset": String(at), "Content-Type": "application/offset+octet-stream"}
    });
    if (answer.ok) [at, still] = [Number(answer.headers.get("Upload-Offset")), 0];
    else if (answer.status !== 409 || ++still > tries) throw await refusal(answer);
    else { // another tab, or what the network still carries of this one, is writing it
      await pause(300 * still);
      at = await offset(url);
    }
    const took = performance.now() - start;
    size = Math.min(piece.most, Math.max(piece.least, took < 500 ? size * 2 : took > 3000 ? size / 2 : size));
    progress(at);
  }
}

// row shows one file: its name, how far it is, and what went wrong.
function row(list, file) {
  const done = element("span", {className: "quiet"});
  const bar = element("progress", {max: Math.max(file.size, 1), value: 0});
  const wrong = element("p", {className: "wrong", hidden: true});
  bar.setAttribute("aria-label", file.name);
  wrong.setAttribute("role", "alert");
  const name = element("span", {textContent: file.name});
  name.translate = false;
  list.append(element("li", {}, name, done, bar, wrong));
  return {
    progress: (at) => {
      bar.value = at;
      done.textContent = `${Math.floor((at / Math.max(file.size, 1)) * 100)}%`;
      wrong.hidden = true;
    },
    fail: (text) => {
      wrong.textContent = text;
      wrong.hidden = false;
    }
  };
}

async function upload(form, input) {
  const list = form.querySelector(".sending") ?? form.appendChild(element("ol", {className: "sending"}));
  list.replaceChildren();
  let whole = true;
  for (const file of input.files) {
    const shown = row(list, file);
    try {
      await send(file, form.dataset.upload, shown.progress);
    } catch (e) {
      if (!(e instanceof Ended)) throw e;
      shown.fail(e.message);
      whole = false;
    }
  }
  again(form);
  if (whole) location.assign(form.dataset.then ?? form.dataset.upload);
}

for (const form of document.querySelectorAll("form[data-upload]")) {
  const input = form.querySelector("input[type=file]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.dataset.sent || !input.files.length) return;
    sent(form);
    upload(form, input);
  });
  const drop = form.querySelector(".drop");
  if (!drop) continue;
  for (const [type, over] of [["dragover", true], ["dragleave", false], ["drop", false]]) {
    drop.addEventListener(type, (event) => {
      event.preventDefault();
      drop.classList.toggle("over", over);
      if (type !== "drop" || !event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", {bubbles: true}));
    });
  }
}

// ---------- passkeys ----------
// <form data-passkey="get" or "create" data-options="/where/the/challenge/is" hidden> with <input type="hidden" name="credential">. What
// the challenge depends on goes along; a field marked data-from takes what was typed into another form of the page.
async function ceremony(form) {
  for (const field of form.querySelectorAll("[data-from]")) {
    const from = document.getElementById(field.dataset.from);
    field.value = from.type === "checkbox" && !from.checked ? "" : from.value;
  }
  const answer = await fetch(form.dataset.options, {method: "POST", headers: {Accept: "application/json"}, body: new URLSearchParams(new FormData(form))});
  if (!answer.ok) throw new Ended((await refusal(answer)).message);
  const options = await answer.json();
  const asked = options.publicKey ?? options;
  const made = form.dataset.passkey === "create"
    ? await navigator.credentials.create({publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked)})
    : await navigator.credentials.get({publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked)});
  form.elements.credential.value = JSON.stringify(made.toJSON());
}

for (const form of document.querySelectorAll("form[data-passkey]")) {
  if (!window.PublicKeyCredential?.parseRequestOptionsFromJSON) continue;
  form.hidden = false;
  form.addEventListener("submit", async (event) => {
    if (form.elements.credential.value) return; // the second time it is sent as it is
    event.preventDefault();
    const wrong = form.querySelector(".wrong") ?? form.appendChild(element("p", {className: "wrong"}));
    wrong.setAttribute("role", "alert");
    wrong.hidden = true;
    try {
      await ceremony(form);
      form.requestSubmit(event.submitter ?? undefined);
    } catch (e) {
      wrong.textContent = e instanceof Ended ? e.message : say("NoPasskey");
      wrong.hidden = false;
    }
  });
}

// ---------- a page that waits asks again ----------
// Without script the browser loads it anew. With script only what has changed is put in its place, so that nobody who reads,
// listens or types is thrown back to the top; when the wait is over the page comes whole.
const plain = (main) => main.innerHTML.replace(/name="once" value="[^"]*"/g, "");

async function look() {
  const answer = await fetch(location.href).catch(() => null);
  const main = document.querySelector("main");
  const busy = main.contains(document.activeElement) && document.activeElement !== main;
  if (answer && !busy) {
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const next = page.querySelector("main");
    if (answer.redirected || !next || !page.body.dataset.refresh) return location.replace(answer.url);
    if (plain(next) !== plain(main)) main.replaceChildren(...next.childNodes);
  }
  setTimeout(look, body.dataset.refresh * 1000);
}

if (body.dataset.refresh) setTimeout(look, body.dataset.refresh * 1000);

// ---------- pictures ----------
// They come after everything that can be read, since each repeats a table: when one is near the window, or when somebody moves,
// who may be on the way to one or to the printer.
const figures = document.querySelectorAll("figure[data-picture]");
const signs = ["scroll", "keydown", "pointermove", "pointerdown", "beforeprint"];

function draw() {
  near.disconnect();
  signs.forEach((sign) => removeEventListener(sign, draw));
  document.head.append(element("script", {src: body.dataset.pictures}));
}

const near = new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && draw(), {rootMargin: "600px"});
if (body.dataset.pictures && figures.length) {
  addEventListener("load", () => {
    figures.forEach((f) => near.observe(f));
    signs.forEach((sign) => addEventListener(sign, draw, {passive: true}));
  });
}

// ---------- the way ----------
// On a phone the doors stand in a row that scrolls; the one that is open stays in sight.
const nav = document.querySelector(".nav");
const current = nav?.querySelector("[aria-current]");
if (current) nav.scrollLeft += current.getBoundingClientRect().left - nav.getBoundingClientRect().left - (nav.clientWidth - current.clientWidth) / 2;

// ---------- print ----------
for (const button of document.querySelectorAll("button[data-print]")) {
  button.hidden = false;
  button.addEventListener("click", () => print());
}
})();

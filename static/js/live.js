// The live socket of a page: applies numbered fragments, reconnects, says at once when it is cut.
const body = document.body;
const screen = body.dataset.screen;
let seq = Number(body.dataset.seq);
let delay = 300;
let quiet;

// Nothing moves under the cursor: while the pointer is on a button of a part, what would replace that part
// waits until the pointer leaves it, for HELD_MS at most. The agent's own click lets it through.
const HELD_MS = 2500;
const held = new Map();
let clicked = 0;

function underPointer(element) {
  return element.matches("#card, #who, #queue") && performance.now() - clicked > 1500 && element.querySelector("button:hover, a:hover, summary:hover, label:hover");
}

// A list that is read: nothing in it moves while the pointer is on it, or while something in the part is focused or typed.
function isRead(element) {
  return Boolean(element?.closest("[data-still]:hover")) || (element?.closest("[data-still]") && (element.contains(document.activeElement) || isTyped(element)));
}

function hold(message, read) {
  const waiting = held.get(message.target);
  if (waiting) { waiting.message = message; return; }
  const timer = read ? 0 : setTimeout(() => release(message.target), HELD_MS);
  held.set(message.target, { message, timer, read });
}

// Where the part is new, its list is what is read.
function placeOf({ target, html }) {
  const old = document.getElementById(target);
  return old ?? document.getElementById(html.match(/data-into="([^"]+)"/)?.[1]);
}

function releaseAll() {
  for (const [target, { message, read }] of [...held]) if (!read || !isRead(placeOf(message))) release(target);
}

function release(target) {
  const waiting = held.get(target);
  if (!waiting) return;
  clearTimeout(waiting.timer);
  held.delete(target);
  clicked = performance.now();
  apply(waiting.message);
}

// After the click itself: what it hit must still be there when it is handled.
document.addEventListener("click", () => {
  clicked = performance.now();
  setTimeout(releaseAll, 50);
}, true);
document.addEventListener("pointerout", () => {
  for (const [target, { read }] of [...held]) if (!read && !underPointer(document.getElementById(target))) release(target);
  setTimeout(() => { for (const [target, { message, read }] of [...held]) if (read && !isRead(placeOf(message))) release(target); });
});

function apply({ target, html }) {
  const old = document.getElementById(target);
  const holder = document.createElement("template");
  holder.innerHTML = html.trim();
  const fresh = holder.content.firstElementChild;
  if (!fresh) return;
  if (isRead(placeOf({ target, html }))) { hold({ target, html }, true); return; }
  const follows = follow(old);
  if (old) {
    parked.delete(target);
    if (isEditing(old)) { parked.set(target, html); return; }
    if (underPointer(old)) { hold({ target, html }); return; }
    keepOpen(old, fresh);
    old.replaceWith(fresh);
  } else {
    const list = document.getElementById(fresh.dataset.into);
    if (!list) return;
    list.querySelector(":scope > .empty")?.remove();
    // what is heard only later stands where it was said
    const next = fresh.dataset.at && [...list.children].find((each) => Number(each.dataset.at) > Number(fresh.dataset.at));
    list.insertBefore(fresh, next || null);
  }
  window.htmx?.process(fresh);
  const scroller = fresh.closest("[data-follow]") ?? fresh.querySelector("[data-follow]");
  if (scroller && follows) scroller.scrollTop = scroller.scrollHeight;
}

// A transcript follows what is said, but is not pulled away from who reads further up when a sentence is corrected in place.
function follow(old) {
  const scroller = old?.matches(".u") && old.closest("[data-follow]");
  return !scroller || scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < 40;
}

// A form under the agent's hands is never pulled away; the next fragment brings it up to date.
function isEditing(element) {
  const active = document.activeElement;
  return element.contains(active) && active.matches("input, textarea, select") && active.value !== active.defaultValue;
}

// What came meanwhile is shown once the agent has left the part, unless something typed would be lost.
const parked = new Map();
function isTyped(element) {
  return [...element.querySelectorAll("input, textarea")].some((field) => field.value !== field.defaultValue);
}
document.addEventListener("focusout", () => setTimeout(() => {
  releaseAll();
  for (const [target, html] of [...parked]) {
    const element = document.getElementById(target);
    if (!element) parked.delete(target);
    else if (!isTyped(element)) apply({ target, html });
  }
}));

function keepOpen(old, fresh) {
  for (const chosen of old.querySelectorAll("select[data-keep]")) {
    const same = fresh.querySelector(`#${chosen.id}`);
    if (same) same.value = chosen.value;
  }
  for (const open of old.querySelectorAll("details[open][id]")) {
    fresh.querySelector(`#${open.id}`)?.setAttribute("open", "");
  }
}

function cut(shown) {
  document.getElementById("offline").hidden = !shown;
}

function connect() {
  const scheme = location.protocol === "https:" ? "wss" : "ws";
  const socket = new WebSocket(`${scheme}://${location.host}/ws/feed?after=${seq}&screen=${screen}`);
  // Number 0: the feed was away when the page was made; it says so until the feed is back and asks for a reload.
  socket.onopen = () => { delay = 300; cut(seq === 0); };
  socket.onmessage = (event) => {
    const message = JSON.parse(event.data);
    if (message.reset) { location.reload(); return; }
    seq = message.seq;
    if (message.html === undefined) return;
    const began = performance.now();
    apply(message);
    performance.measure(`fragment ${message.target}`, { start: began });
  };
  socket.onclose = (event) => {
    if (event.code === 4401) { location.href = "/login"; return; }
    cut(true);
    clearTimeout(quiet);
    quiet = setTimeout(connect, delay);
    delay = Math.min(delay * 2, 4000);
  };
}

// Every click has its own key, so that a click sent twice is carried out once.
document.addEventListener("htmx:configRequest", (event) => {
  if (event.detail.verb !== "get" && !event.detail.parameters.get?.("key")) {
    event.detail.parameters.set("key", crypto.randomUUID?.() ?? `${Date.now()}-${Math.random()}`);
  }
});

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.xhr.status >= 400) {
    event.detail.shouldSwap = true;
    event.detail.isError = false;
    event.detail.target = document.getElementById("toast");
    event.detail.swapOverride = "innerHTML";
    setTimeout(() => { document.getElementById("toast").replaceChildren(); }, 6000);
  }
});
document.addEventListener("htmx:sendError", () => cut(true));

class CallTimer extends HTMLElement {
  connectedCallback() {
    const since = Date.parse(this.getAttribute("since"));
    const show = () => {
      const s = Math.max(0, Math.floor((Date.now() - since) / 1000));
      this.textContent = `${Math.floor(s / 60)}:${String(s % 60).padStart(2, "0")}`;
    };
    show();
    this.tick = setInterval(show, 1000);
  }
  disconnectedCallback() { clearInterval(this.tick); }
}
customElements.define("call-timer", CallTimer);

if (screen) connect();
for (const scroller of document.querySelectorAll("[data-follow]")) scroller.scrollTop = scroller.scrollHeight;

// Keys: the numbered buttons of the card (Alt+1…9), hold (Alt+H); ? lists those that work now.
const keys = document.getElementById("keys");
function showKeys() {
  const list = keys.querySelector("dl");
  list.replaceChildren();
  for (const button of document.querySelectorAll("[data-key]")) {
    const key = document.createElement("dt");
    const what = document.createElement("dd");
    key.textContent = `Alt + ${button.dataset.key.toUpperCase()}`;
    what.textContent = button.textContent.trim();
    list.append(key, what);
  }
  keys.showModal();
}
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select");
  if (event.key === "?" && keys && !typing && !keys.open) { event.preventDefault(); showKeys(); return; }
  if (!event.altKey || event.ctrlKey || event.metaKey) return;
  const wanted = document.querySelector(`[data-key="${event.key.toLowerCase()}"]`);
  if (wanted) { event.preventDefault(); wanted.click(); }
});

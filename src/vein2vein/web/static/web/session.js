// Two minutes before the session ends a page says so; once it has ended nothing is sent, so that nothing typed is lost.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const box = document.querySelector("[data-session]"), early = 120;
  if (!box) return;
  let shown = "", timer = 0;
  const say = (name) => {
    if (name === shown) return;
    shown = name;
    const words = name && box.querySelector(`template[data-${name}]`);
    box.querySelectorAll(":scope > :not(template)").forEach((one) => one.remove());
    if (words) box.append(words.content.cloneNode(true));
    box.querySelector("[data-stay]")?.addEventListener("click", () => ask(true));
  };
  const plan = (left) => {
    clearTimeout(timer);
    say(left <= 0 ? "ended" : left <= early ? "warning" : "");
    if (left > 0) timer = setTimeout(() => ask(false), 1000 * (left > early ? left - early : Math.min(left + 1, 20)));
  };
  const ask = async (here) => {
    // The header says that the page looks by itself: only a person's own doing keeps a session alive.
    const answer = await fetch(box.dataset.session, here ? {} : { headers: { "x-live": "yes" } }).catch(() => null);
    const told = answer?.ok ? await answer.json() : null;
    if (!told) { timer = setTimeout(() => ask(false), 20000); return; }
    if (told.who && told.who !== box.dataset.who) { clearTimeout(timer); say("other"); return; }
    document.querySelectorAll("input[name=csrfmiddlewaretoken]").forEach((one) => { if (told.token) one.value = told.token; });
    plan(told.left_s);
  };
  document.addEventListener("submit", (event) => {
    if (event.target.method !== "post" || !["ended", "other"].includes(shown)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    box.querySelector("a")?.focus();
    ask(false);
  }, true);
  document.addEventListener("visibilitychange", () => { if (!document.hidden && shown) ask(false); });
  window.addEventListener("focus", () => { if (shown) ask(false); });
  plan(Number(box.dataset.leftS));
});

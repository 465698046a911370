// One step after another without loading a page: what is sent is answered by the next step, a refusal stops on the whole
// screen, a server that does not answer is said at once, and what others did meanwhile is shown, with who did it.
"use strict";
window.bench = window.bench || {};
(() => {
  const BEAT = 5000;
  const OF_A_SCAN = ["scanned", "lot_code", "equipment_code", "pooled_with", "equipment"];
  const root = () => document.querySelector("[data-floor]");
  const parse = (text) => new DOMParser().parseFromString(text, "text/html");
  let sending = false, open = null, lostAt = null;

  const notice = (parts, tone) => {
    const place = root().querySelector("[data-notice]");
    const said = document.createElement("p");
    said.className = `message ${tone}`;
    said.append(...parts.flatMap((one) => (one ? [one, " "] : [])));
    place.replaceChildren(said);
  };
  const show = (page) => {
    const fresh = page.querySelector("[data-floor]");
    document.querySelectorAll("main > .message").forEach((one) => one.remove());
    const said = [...page.querySelectorAll("main > .message")];
    root().replaceWith(document.adoptNode(fresh));
    said.forEach((one) => fresh.querySelector("[data-notice]").append(document.adoptNode(one)));
    document.title = page.title;
    bench.prepare();
    bench.startTimers();
    bench.showCamera();
    keepPack();
  };
  const fetched = async () => {
    const answer = await fetch(location.href, { headers: { accept: "text/html", "x-live": "yes", "x-part": "main" }, cache: "no-store" });
    const page = parse(await answer.text());
    return answer.ok && page.querySelector("[data-floor]") ? page : null;
  };
  const lastOf = (page) => page.querySelector("[data-last]")?.textContent.trim() ?? "";

  // What somebody else did meanwhile: the same step stays as it is under the hand that works on it.
  const renew = async () => {
    const before = root(), page = await fetched().catch(() => null);
    if (!page || sending || before !== root() || document.querySelector("dialog[open]")) return;
    const fresh = page.querySelector("[data-floor]");
    const same = fresh.dataset.step === before.dataset.step && fresh.dataset.operation === before.dataset.operation;
    if (same && !!fresh.querySelector("form[data-enter]") === !!before.querySelector("form[data-enter]") && before.dataset.step) {
      before.querySelector("[data-aside]").replaceWith(document.adoptNode(fresh.querySelector("[data-aside]")));
      before.dataset.mark = fresh.dataset.mark;
      return;
    }
    const lost = bench.entered(), done = lastOf(page);
    bench.forget();
    show(page);
    if (!same) notice([`${bench.say("elsewhere")}.`, done, lost.length ? `${bench.say("lost")}: ${lost.join(" · ")}` : ""], "warning");
  };

  const here = () => {
    if (lostAt === null) return;
    lostAt = null;
    root().querySelector("[data-offline]").hidden = true;
    root().classList.remove("cut-off");
    root().querySelector("[data-there]").className = "state good";
    if (open) {
      const mark = open;
      open = null;
      fetched().then((page) => {
        if (!page) return;
        const recorded = page.querySelector("[data-floor]").dataset.step !== mark.step;
        if (recorded) { bench.forget(); show(page); } else notice([bench.say("not_recorded")], "bad");
      }).catch(() => { open = mark; });
    }
    bench.focus();
  };
  const gone = () => {
    if (lostAt !== null) return;
    lostAt = new Date();
    const shown = root();
    shown.querySelector("[data-offline]").hidden = false;
    shown.querySelector("[data-since]").textContent = lostAt.toLocaleTimeString();
    shown.classList.add("cut-off");
    shown.querySelector("[data-there]").className = "state bad";
    bench.sound(1, 440);
  };
  const beat = async () => {
    if (document.hidden || sending) return;
    try {
      const answer = await fetch(root().dataset.pulse, { headers: { "x-live": "yes" }, cache: "no-store", signal: AbortSignal.timeout(4000) });
      if (answer.status === 403 || answer.redirected) { notice([bench.say("signed_out")], "bad"); return; }
      if (!answer.ok) { gone(); return; }
      const told = await answer.json();
      here();
      bench.setClock(told.now);
      if (String(told.mark) !== root().dataset.mark && !sending) await renew();
    } catch { gone(); }
  };

  // A scan that is refused stops everything, in words as well as in colour and sound; what stood in the field is gone.
  const stop = (blockers, places, text) => {
    const dialog = root().querySelector("[data-stop]"), texts = text ? [text] : places.map((one) => one.value);
    dialog.querySelector("[data-scanned]").textContent = texts.join(" · ");
    dialog.querySelector("[data-expected]").textContent = places.map((one) => one.dataset.expected).join(" · ");
    places.forEach((one) => {
      one.value = text && one.tagName === "TEXTAREA" ? one.value.split("\n").slice(0, -1).join("\n") : "";
      mark(one, "");
      one.dispatchEvent(new Event("input", { bubbles: true }));
    });
    if (!dialog.open) dialog.showModal();
    dialog.querySelector("[data-why]").replaceChildren(blockers);
    dialog.querySelector("h1").focus();
    bench.sound(5, 660);
  };
  const mark = (place, how) => {
    const shown = place.closest("label")?.querySelector("[data-judged]");
    if (!shown) return;
    shown.className = `judged-scan ${how}`;
    shown.textContent = how ? `${how === "right" ? "✓" : "…"} ${bench.say(how)}` : "";
  };
  let judging = Promise.resolve();
  const judged = async (place, text) => {
    const asked = new URLSearchParams({ step_code: root().dataset.step, field: place.name, text });
    mark(place, "asking");
    try {
      const answer = await fetch(`${root().dataset.judge}?${asked}`, { headers: { accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(8000) });
      if (!place.isConnected) return;
      const blockers = answer.ok ? null : parse(await answer.text()).querySelector(".blockers");
      mark(place, answer.status === 204 ? "right" : "");
      if (blockers) stop(document.adoptNode(blockers), [place], text);
    } catch { mark(place, ""); gone(); }
  };
  bench.judgeScan = (place, text) => { judging = Promise.all([judging, judged(place, text)]); };

  const refused = (form, page) => {
    const blockers = document.adoptNode(page.querySelector(".blockers"));
    const codes = [...blockers.querySelectorAll("[data-code]")].map((one) => one.dataset.code);
    form.querySelectorAll("[type=password]").forEach((one) => { one.value = ""; });
    if (codes.includes("manufacturing.step_done")) { bench.forget(); renew(); return; }
    const places = [...form.querySelectorAll("[data-expected]")].filter((one) => one.value);
    if (places.length && [...blockers.querySelectorAll("[data-field]")].some((one) => OF_A_SCAN.includes(one.dataset.field))) {
      stop(blockers, places);
      return;
    }
    form.querySelector(":scope > .refusal")?.remove();
    const box = document.createElement("div");
    box.className = "refusal";
    box.setAttribute("role", "alert");
    box.append(blockers);
    form.prepend(box);
    bench.sound(1, 330);
    const badge = codes.some((one) => one.startsWith("people.") || one.startsWith("journal."));
    const field = badge ? form.querySelector("[data-secret]") : codes.includes("manufacturing.comment_missing") ? form.querySelector("[data-slot=comment]") : null;
    if (field) { field.closest("details")?.setAttribute("open", ""); field.focus(); } else bench.focus();
  };
  const send = async (form, submitter) => {
    if (sending || lostAt !== null) return;
    sending = true;
    await judging;
    sending = false;
    if (lostAt !== null || !form.isConnected || document.querySelector("dialog[open]")) return;
    const body = new FormData(form, submitter), step = root().dataset.step;
    if (submitter?.matches("[data-alone]")) { body.delete("_witness"); body.delete("_witness_secret"); }
    sending = true;
    form.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(form.action, { method: "POST", body, headers: { accept: "text/html", "x-part": "main" }, signal: AbortSignal.timeout(20000) });
      const page = parse(await answer.text());
      if (answer.ok && page.querySelector("[data-floor]")) { bench.forget(); show(page); }
      else if (page.querySelector(".blockers")) refused(form, page);
      else if (answer.status === 503) gone();
      else location.assign(answer.url);
    } catch {
      open = { step };
      gone();
      notice([bench.say("unknown")], "bad");
    } finally {
      sending = false;
      form.removeAttribute("aria-busy");
      delete form.dataset.sent;
    }
  };
  document.addEventListener("submit", (event) => {
    if (!event.target.closest("[data-floor]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    send(event.target, event.submitter);
  }, true);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-understood]")) return;
    root().querySelector("[data-stop]").close();
    document.activeElement?.blur(); // Chromium gives the focus back without the keys; only taken anew do they arrive
    bench.focus();
  });
  document.addEventListener("cancel", (event) => { if (event.target.matches("[data-stop]")) event.preventDefault(); }, true);
  window.addEventListener("beforeunload", (event) => { if (bench.entered().length && !sending) event.preventDefault(); });
  window.addEventListener("offline", gone);
  window.addEventListener("online", beat);
  document.addEventListener("visibilitychange", beat);
  // The pack is kept by the page itself, so that it can be opened when nothing answers.
  let kept = { from: "", blob: null };
  const keepPack = async () => {
    const link = root().querySelector("[data-pack]");
    if (!link) return;
    const from = link.download;
    if (kept.from !== from) {
      const answer = await fetch(link.getAttribute("href"), { headers: { "x-live": "yes" } }).catch(() => null);
      if (answer?.ok) kept = { from, blob: URL.createObjectURL(await answer.blob()) };
    }
    if (kept.from === from && kept.blob) link.href = kept.blob;
  };
  document.addEventListener("DOMContentLoaded", () => {
    keepPack();
    bench.prepare();
    bench.startTimers();
    bench.showCamera();
    setInterval(beat, BEAT);
  });
})();

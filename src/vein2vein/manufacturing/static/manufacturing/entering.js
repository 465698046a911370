// The line that takes everything: a scanner types into it, the keypad too; each entry goes to where it belongs, and what
// is whole records itself. What is entered and not recorded is said in words as long as it stands there.
"use strict";
window.bench = window.bench || {};
(() => {
  const CODE = /^([A-Z]{3})-[A-Z0-9-]+$/i, NUMBER = /^[+-]?(\d+([.,]\d*)?|[.,]\d+)(e[+-]?\d{1,2})?$/i;
  const BY_HAND_MS = 80;
  const say = (code) => document.querySelector(`[data-say="${code}"]`)?.textContent ?? "";
  const form = () => document.querySelector("form[data-enter]");
  const slots = (one) => [...one.querySelectorAll("[data-slot]")];
  const slot = (name) => form()?.querySelector(`[data-slot="${name}"]`);
  const root = () => document.querySelector("[data-floor]");
  const draftKey = () => `entered:${root().dataset.user}:${root().dataset.pulse}:${root().dataset.step}`;
  const tell = (text) => { const said = form()?.querySelector("[data-said]"); if (said) said.textContent = text; };

  bench.say = say;
  bench.entered = () => {
    const one = form();
    if (!one) return [];
    const named = (each) => (each.closest("label")?.firstChild?.textContent ?? each.name).trim() || each.name;
    const found = slots(one).filter((each) => each.type !== "file" && each.value.trim()).map((each) => `${named(each)}: ${each.value}`);
    return one.dataset.answer ? [...found, one.dataset.answer] : found;
  };
  const keep = () => {
    const found = bench.entered();
    tell(found.length ? `${say("entered")} – ${found.join(" · ")}` : "");
    const kept = { value: slot("value")?.value ?? "", comment: slot("comment")?.value ?? "" };
    if (kept.value || kept.comment) sessionStorage.setItem(draftKey(), JSON.stringify(kept));
    else sessionStorage.removeItem(draftKey());
  };
  bench.forget = () => { if (root()) sessionStorage.removeItem(draftKey()); };

  const within = (low, high, value) => (low === "" || value >= Number(low)) && (high === "" || value <= Number(high));
  bench.judge = (text) => {
    const field = slot("value"), shown = form()?.querySelector("[data-verdict]");
    if (!field || !shown) return "";
    const value = Number(text.replace(",", "."));
    let verdict = "";
    if (text && NUMBER.test(text) && field.dataset.actionLow !== undefined) {
      const { actionLow, actionHigh, alertLow, alertHigh } = field.dataset;
      verdict = !within(actionLow, actionHigh, value) ? "action" : !within(alertLow, alertHigh, value) ? "alert" : "within";
    }
    shown.className = `verdict ${{ action: "bad", alert: "warn", within: "good" }[verdict] ?? ""}`;
    shown.textContent = verdict ? `${{ action: "×", alert: "!", within: "✓" }[verdict]} ${say(verdict)}` : "";
    return verdict;
  };

  const openComment = () => {
    const box = form().querySelector("[data-comment]");
    if (box) { box.open = true; box.querySelector("textarea").focus(); }
  };
  const placeFor = (text) => {
    const prefix = text.match(CODE)?.[1].toUpperCase(), all = slots(form()).filter((each) => "codes" in each.dataset);
    const fits = all.filter((each) => prefix && each.dataset.codes.split(" ").includes(prefix));
    const foreign = prefix && all.length && !fits.length ? all.filter((each) => each.name !== "_witness") : [];
    const loose = prefix ? [] : all.filter((each) => !each.value && each.name !== "_witness" && each.tagName === "INPUT");
    if (fits.length > 1 && fits[0].value && fits[0].value !== text) return fits.at(-1);
    return fits[0] ?? foreign.find((each) => !each.value && each.tagName === "INPUT") ?? foreign[0] ?? loose[0];
  };
  const fill = (text) => {
    const one = form();
    if (one.querySelector(".answers") && /^[yYnN是否]$/.test(text)) {
      one.querySelector(/^[yY是]$/.test(text) ? ".answers .yes" : "[data-no]").click();
      return false;
    }
    if (slot("value") && NUMBER.test(text)) { slot("value").value = text.replace(",", "."); bench.judge(slot("value").value); return slot("value"); }
    const place = placeFor(text);
    if (!place) { tell(`${say(slot("value") && !CODE.test(text) ? "not_a_number" : "not_asked")}: ${text}`); return false; }
    place.value = place.tagName === "TEXTAREA" && place.value ? `${place.value}\n${text}` : text;
    return place;
  };
  const missing = () => slots(form()).filter((each) => each.required && !(each.type === "file" ? each.files.length : each.value));
  bench.goOn = (asked) => {
    const one = form(), lacking = missing(), answers = one.querySelector(".answers") && !one.dataset.answer;
    if (lacking.length || answers) {
      if (asked) tell(`${say("missing")}: ${lacking.map((each) => each.closest("label").firstChild.textContent.trim()).join(", ")}`);
      return false;
    }
    if ((bench.judge(slot("value")?.value ?? "") === "action" || one.dataset.answer) && !slot("comment").value.trim()) { openComment(); return false; }
    const badge = slot("_witness");
    if (badge && !badge.value && !asked) return false;
    const secret = [...one.querySelectorAll("[data-secret]")].find((each) => !each.value && (each.required || badge?.value));
    if (secret && !(badge && !badge.value && secret.name === "_witness_secret")) { secret.focus(); return false; }
    const record = one.querySelector("[data-record]");
    if (!record.disabled) one.requestSubmit(record);
    return !record.disabled;
  };
  bench.take = (text) => {
    const given = text.trim();
    if (!form() || document.querySelector("dialog[open]")) return;
    if (!given) { bench.goOn(true); return; }
    const place = fill(given);
    if (!place) return;
    keep();
    // What records itself is judged by being recorded; any other scan is judged at once, not when Record is pressed.
    if (!bench.goOn(false) && place.dataset.expected) bench.judgeScan(place, given);
  };

  const prepareForm = (one) => {
    const line = one.querySelector("[data-line]");
    one.querySelector("[data-for-script]").hidden = false;
    slots(one).forEach((each) => { if (each.tagName === "INPUT" && each.type === "text") { each.readOnly = true; each.tabIndex = -1; } });
    const pad = one.querySelector("[data-keypad]");
    if (pad) pad.hidden = false;
    const kept = JSON.parse(sessionStorage.getItem(draftKey()) ?? "{}");
    Object.entries(kept).forEach(([name, value]) => { if (slot(name) && value) slot(name).value = value; });
    if (kept.value) bench.judge(kept.value);
    keep();
    line.addEventListener("input", () => { if (slot("value")) bench.judge(line.value || slot("value").value); });
    // A scanner writes twenty characters in a blink, a hand does not: codes are scanned, or read by two (N4).
    let began = 0, keys = 0;
    line.addEventListener("paste", (event) => event.preventDefault());
    line.addEventListener("keydown", (event) => {
      if (event.key.length === 1) { if (!line.value) { began = performance.now(); keys = 0; } keys += 1; }
      if (event.key !== "Enter") return;
      event.preventDefault();
      const text = line.value, byHand = keys >= text.length / 2 && (performance.now() - began) / keys > BY_HAND_MS;
      line.value = "";
      if (CODE.test(text.trim()) && byHand) tell(say("typed")); else bench.take(text);
      keys = 0;
    });
    one.addEventListener("input", (event) => { if (event.target !== line) keep(); });
    one.addEventListener("change", (event) => { if (event.target.type === "file") bench.goOn(false); });
    one.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" || !event.target.matches("[data-secret]")) return;
      event.preventDefault();
      if (CODE.test(event.target.value)) { const text = event.target.value; event.target.value = ""; bench.take(text); } else bench.goOn(true);
    });
    one.querySelector("[data-no]")?.addEventListener("click", (event) => {
      one.dataset.answer = one.querySelector("[data-no]").firstChild.textContent.trim();
      if (!one.querySelector("input[name=answer]")) one.insertAdjacentHTML("beforeend", '<input type="hidden" name="answer" value="no">');
      openComment();
      keep();
    });
    one.querySelector("[data-comment] textarea")?.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey) { event.preventDefault(); bench.goOn(true); }
    });
    pad?.addEventListener("click", (event) => {
      const key = event.target.closest("button")?.value;
      if (!key) return;
      if (key === "⏎") line.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter" }));
      else line.value = key === "⌫" ? line.value.slice(0, -1) : line.value + key;
      line.focus();
      bench.judge(line.value || slot("value").value);
    });
  };
  bench.focus = () => {
    const line = document.querySelector("[data-line]");
    const other = document.querySelector(".going-on form.offer [data-scan], .going-on form.offer button[type=submit]:not([disabled])");
    (line ?? other)?.focus({ preventScroll: !!line });
  };
  bench.prepare = () => {
    if (form()) prepareForm(form());
    bench.focus();
  };
  // Whatever has the focus, what a scanner types lands in the line; a scanner's Enter never presses a button.
  let typedAt = 0;
  document.addEventListener("keydown", (event) => {
    const line = document.querySelector("[data-line]"), at = performance.now();
    const inField = event.target.matches("input, textarea, select");
    if (event.key === "Enter" && !inField && at - typedAt < 60) event.preventDefault();
    if (event.key.length === 1) typedAt = at;
    if (line && !inField && event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !document.querySelector("dialog[open]")) line.focus();
  }, true);
  document.addEventListener("click", (event) => {
    if (!event.target.closest("input, textarea, select, button, a, summary, dialog")) bench.focus();
  });
})();

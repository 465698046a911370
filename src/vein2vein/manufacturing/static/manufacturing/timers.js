// Times that run: counted by the server's clock, so that a reload changes nothing; what comes due sounds until silenced.
"use strict";
window.bench = window.bench || {};
(() => {
  const SOON = 10 * 60 * 1000;
  let ahead = 0, sound = null, soundedAt = 0;
  bench.setClock = (text) => { ahead = Date.parse(text) - Date.now(); };
  const clock = (span) => {
    const all = Math.floor(Math.abs(span) / 1000), two = (number) => String(number).padStart(2, "0");
    const hours = Math.floor(all / 3600);
    return `${hours ? `${hours}:` : ""}${two(Math.floor(all / 60) % 60)}:${two(all % 60)}`;
  };
  bench.sound = (times = 3, pitch = 880) => {
    if (!navigator.userActivation?.hasBeenActive) return; // a browser is silent until somebody has touched the page
    try {
      sound ??= new AudioContext();
      sound.resume();
      for (let n = 0; n < times; n += 1) {
        const tone = sound.createOscillator(), loud = sound.createGain(), at = sound.currentTime + n * 0.35;
        tone.frequency.value = pitch;
        loud.gain.value = 0.25;
        tone.connect(loud).connect(sound.destination);
        tone.start(at);
        tone.stop(at + 0.2);
      }
    } catch { /* a tablet without sound still shows it */ }
  };
  const phaseOf = (one, now) => {
    const begins = Date.parse(one.dataset.begins ?? ""), ends = Date.parse(one.dataset.ends ?? "");
    if (now < begins) return ["wait", begins - now];
    if (now > ends) return ["exceeded", now - ends];
    if (ends - now < SOON) return ["soon", ends - now];
    return [Number.isNaN(begins) ? "left" : "go_on", Number.isNaN(ends) ? 0 : ends - now];
  };
  const silenced = (one, phase) => `silenced:${one.dataset.timer}:${one.dataset.ends ?? one.dataset.begins}:${phase}`;
  const words = { wait: "wait", left: "left", soon: "soon", go_on: "go_on", exceeded: "over" };
  const tones = { wait: "", left: "", soon: "warn", go_on: "good", exceeded: "bad" };
  const tick = () => {
    const now = Date.now() + ahead;
    let ringing = false;
    document.querySelectorAll("[data-timer]").forEach((one) => {
      const [phase, span] = phaseOf(one, now);
      one.className = tones[phase];
      one.querySelector("[data-count]").textContent = `${bench.say(words[phase])} ${span ? clock(span) : ""}`;
      const rings = ["soon", "go_on", "exceeded"].includes(phase) && !("ruled" in one.dataset) && !sessionStorage.getItem(silenced(one, phase));
      one.toggleAttribute("data-rings", rings);
      ringing ||= rings;
      const record = document.querySelector(`form[data-waits="${one.dataset.timer}"] [data-record]`);
      if (record) record.disabled = phase === "wait";
    });
    const alarm = document.querySelector("[data-alarm]");
    if (alarm) {
      const all = [...document.querySelectorAll("[data-rings]")];
      const told = all.map((one) => `${one.querySelector("span").textContent}: ${one.querySelector("[data-count]").textContent}`).join(" · ");
      alarm.hidden = !ringing;
      alarm.classList.toggle("bad", all.some((one) => one.className === "bad"));
      if (alarm.querySelector("[data-alarms]").textContent !== told) alarm.querySelector("[data-alarms]").textContent = told;
    }
    if (ringing && now - soundedAt > 4000) { soundedAt = now; bench.sound(2); }
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-silence]")) return;
    document.querySelectorAll("[data-rings]").forEach((one) => sessionStorage.setItem(silenced(one, phaseOf(one, Date.now() + ahead)[0]), "yes"));
    tick();
    bench.focus();
  });
  bench.startTimers = () => { bench.setClock(document.querySelector("[data-floor]").dataset.now); tick(); };
  setInterval(tick, 1000);
})();

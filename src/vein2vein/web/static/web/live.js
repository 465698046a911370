// What is marked data-live is fetched anew every 15 seconds while somebody looks at it, and never under a hand that types.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const shown = document.querySelector("[data-live]");
  const renew = async () => {
    if (document.hidden || shown.contains(document.activeElement)) return;
    const answer = await fetch(location.href, { headers: { accept: "text/html", "x-live": "yes" } }).catch(() => null);
    if (!answer || !answer.ok || answer.redirected) { shown.dataset.stale = "yes"; return; }
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("[data-live]");
    if (fresh) { shown.replaceChildren(...fresh.childNodes); delete shown.dataset.stale; }
  };
  if (shown) setInterval(renew, 15000);
});

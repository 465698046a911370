// What an entry hangs on is fetched when it is unfolded: the link inside leads there without this, too.
"use strict";
document.addEventListener("toggle", async (event) => {
  const box = event.target, from = box.dataset?.from;
  if (!box.open || !from) return;
  delete box.dataset.from;
  const answer = await fetch(from, { headers: { accept: "text/html" } }).catch(() => null);
  const page = answer?.ok && !answer.redirected ? new DOMParser().parseFromString(await answer.text(), "text/html") : null;
  const found = page?.querySelector("[data-entry]");
  if (found) box.replaceChildren(box.querySelector("summary"), found);
  else box.dataset.from = from;
}, true);

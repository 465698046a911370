// "/" goes to the search. Scan first: Enter in a scan field goes to the next empty field instead of sending a half-filled form;
// a form that is on its way cannot be sent again.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const first = document.querySelector("[data-scan][autofocus], form.offer [data-scan]");
  if (first) first.focus();
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Enter" || !event.target.matches("form.offer [data-scan]")) return;
    const fields = [...event.target.form.querySelectorAll("input:not([type=hidden]), select, textarea")];
    const next = fields.find((one) => one.required && !one.value);
    if (next) { event.preventDefault(); next.focus(); }
  });
  document.addEventListener("keydown", (event) => {
    const find = document.querySelector("[data-find]");
    if (event.key !== "/" || event.ctrlKey || event.metaKey || event.altKey || !find) return;
    if (event.target.closest("input, select, textarea, [contenteditable]")) return;
    event.preventDefault();
    find.focus();
    find.select();
  });
  document.addEventListener("submit", (event) => {
    if (event.target.dataset.sent) { event.preventDefault(); return; }
    event.target.dataset.sent = "yes";
    event.target.querySelectorAll("button").forEach((one) => one.setAttribute("aria-busy", "true"));
  });
  window.addEventListener("pageshow", () => document.querySelectorAll("form").forEach((one) => delete one.dataset.sent));
});

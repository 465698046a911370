// A menu that is open closes when somebody goes on elsewhere, or presses Escape.
"use strict";
document.addEventListener("DOMContentLoaded", () => {
  const open = () => document.querySelectorAll("header nav details[open]");
  document.addEventListener("click", (event) => open().forEach((one) => { if (!one.contains(event.target)) one.open = false; }));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    open().forEach((one) => { one.open = false; one.querySelector("summary").focus(); });
  });
});

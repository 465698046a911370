// The planner's board: units in rows, operations as bars. Its library is large, and loaded only here. A bar that is
// dragged asks the server what speaks against its new place; let go, it fills the form of the act, which asks why.
"use strict";
(() => {
  const board = document.getElementById("board"), says = document.getElementById("proposal");
  if (!board) return;
  // This build of the library says at each load that another is preferred: that one writes inline styles, which the
  // site's policy forbids.
  const script = document.createElement("script"), warn = console.warn;
  console.warn = () => {};
  script.src = board.dataset.library;
  script.addEventListener("load", () => { console.warn = warn; draw(); });
  document.head.append(script);

  // Figures alone: the axis reads the same in every language.
  const FORMAT = {
    minorLabels: { minute: "HH:mm", hour: "HH:mm", weekday: "MM-DD", day: "MM-DD", week: "MM-DD", month: "MM" },
    majorLabels: { minute: "MM-DD", hour: "YYYY-MM-DD", weekday: "YYYY-MM", day: "YYYY-MM", week: "YYYY-MM", month: "YYYY" },
  };

  async function draw() {
    const answer = await fetch(board.dataset.from, { headers: { accept: "application/json" } });
    if (!answer.ok) return;
    const told = await answer.json(), draft = Boolean(board.dataset.draft), now = new Date(told.now);
    const text = (value) => { const made = document.createElement("span"); made.textContent = value; return made; };
    const items = new vis.DataSet(told.bars.map((one) => ({
      id: one.id, group: one.row, start: new Date(one.from), end: new Date(one.to), className: one.tone,
      content: text(one.text), title: text(one.title), editable: draft && !one.fixed, told: one,
    })));
    const rows = new vis.DataSet(told.rows.map((one, order) => ({ id: one.id, order, content: text(one.name) })));
    const kinds = new Map(told.rows.map((one) => [one.id, one.kind]));
    const timeline = new vis.Timeline(board, items, rows, {
      moment: (date) => vis.moment(date).utcOffset(told.offset_min), format: FORMAT, stack: false, orientation: "top", zoomMin: 36e5, zoomMax: 60 * 864e5, maxHeight: "70vh",
      verticalScroll: true, horizontalScroll: true, zoomKey: "ctrlKey", margin: { item: 3, axis: 4 },
      start: new Date(now - 864e5), end: new Date(+now + 6 * 864e5), tooltip: { followMouse: true },
      itemsAlwaysDraggable: { item: draft, range: draft },
      editable: { updateTime: draft, updateGroup: draft, add: false, remove: false }, groupOrder: "order",
      showCurrentTime: false, snap: (date) => new Date(Math.round(date / 9e5) * 9e5),
      onMoving: (item, back) => {
        if (kinds.get(item.group) !== kinds.get(item.told.row)) item.group = item.told.row;
        item.end = new Date(+item.start + (new Date(item.told.to) - new Date(item.told.from)));
        ask(item);
        back(item);
      },
      onMove: (item, back) => { propose(item); back(null); },
    });
    timeline.addCustomTime(now, "now");
    timeline.on("click", (at) => {
      const hit = at.item && items.get(at.item);
      if (hit && !dragged) location.assign(hit.told.url);
    });
    timeline.on("changed", () => { board.dataset.drawn = told.bars.length; });
  }

  // One question at a time; the place that is newest when it is answered is asked about next.
  let asking = false, next = null, dragged = false;
  async function ask(item) {
    next = item;
    dragged = true;
    if (asking) return;
    asking = true;
    while (next) {
      const one = next;
      next = null;
      const answer = await fetch(`${board.dataset.check}?${wanted(one)}`).catch(() => null);
      if (answer) tell((await answer.json()).blockers);
    }
    asking = false;
  }

  function wanted(item) {
    return new URLSearchParams({ order_code: item.told.order, operation: item.told.operation,
      starts_at: item.start.toISOString(), unit: item.group });
  }

  function tell(blockers) {
    const list = document.createElement("ul");
    list.append(...blockers.map((one) => { const line = document.createElement("li"); line.textContent = one; return line; }));
    says.replaceChildren(blockers.length ? board.dataset.against : board.dataset.free, list);
    says.className = blockers.length ? "message proposal error" : "message proposal";
    says.hidden = false;
  }

  async function propose(item) {
    setTimeout(() => { dragged = false; }, 300);
    const act = document.getElementById("planning.move_operation"), form = act?.querySelector("form");
    const answer = form && await fetch(`${board.dataset.check}?${wanted(item)}`).catch(() => null);
    if (!answer) return;
    const { blockers, local } = await answer.json();
    tell(blockers);
    act.open = true;
    const fill = { order_code: item.told.order, operation: item.told.operation, unit_code: item.group, starts_at: local };
    for (const [name, value] of Object.entries(fill)) if (form.elements[name]) form.elements[name].value = value;
    form.elements.reason?.focus();
    form.scrollIntoView({ block: "center" });
  }
})();

// A table whose rows are opened: each row has one link, which covers it; a link of a cell's own
// stands above that. Everything is written as
// text, never as HTML. A plain click asks the page; with Ctrl, Shift or the middle button the
// browser follows the link into a new tab or window.
const drawn = new WeakMap(); // of each table what was drawn, and the row that is to have the focus
const MOST_FRAMES = 1800; // half a minute, on a slow computer
const FRAMES_AFTER = 60; // once the page is done, a second

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

function content(cell) {
  if (cell.chip) {
    const icon = element("span", { class: "icon", "aria-hidden": "true" }, cell.icon);
    return element("span", { class: `chip ${cell.chip}` }, icon, cell.text);
  }
  if (cell.code) {
    return element("span", { class: "amount" }, cell.text, element("i", {}, cell.code));
  }
  if (cell.href) {
    const out = { class: "out", href: cell.href, target: "_blank", rel: "noopener noreferrer" };
    return element("a", out, cell.text);
  }
  return document.createTextNode(cell.text);
}

function row(data, one, open) {
  const cells = data.columns.map((column, place) => {
    const cell = one.cells[place];
    const filled = element("td", { role: "cell", class: `${column.name} ${column.kind}` });
    if (column.kind.includes("clip")) filled.title = cell.text;
    if (place > 0) {
      filled.append(content(cell));
      return filled;
    }
    const link = element("a", { href: one.href, "aria-label": one.label }, content(cell));
    link.onclick = (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
      event.preventDefault();
      open(one.id);
    };
    filled.append(link);
    return filled;
  });
  return element("tr", { role: "row", "data-id": one.id }, ...cells);
}

export default function ({ parentElement, data, setTriggerValue }) {
  const place = parentElement.querySelector(".linked-table");
  const text = JSON.stringify(data);
  const before = drawn.get(place);
  if (before?.text === text) return;
  const focused = place.getRootNode().activeElement?.closest("tr")?.dataset.id;
  const open = (id) => {
    document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
    setTriggerValue("opened", id);
  };
  const heads = data.columns.map((column) => {
    const named = { role: "columnheader", scope: "col", class: `${column.name} ${column.kind}` };
    return element("th", named, column.label);
  });
  const widths = data.columns.map((column) => {
    const made = element("col", { class: `${column.name} ${column.kind}` });
    if (column.width) made.style.width = `${column.width}px`;
    return made;
  });
  place.replaceChildren(
    element(
      "table",
      { role: "table", "aria-label": data.label },
      element("colgroup", {}, ...widths),
      element("thead", { role: "rowgroup" }, element("tr", { role: "row" }, ...heads)),
      element("tbody", { role: "rowgroup" }, ...data.rows.map((one) => row(data, one, open))),
    ),
    ...data.left_out.map((words, size) => element("p", { class: `left-out size-${size}` }, words)),
  );
  // Coming back, the row that one came from, also if it is drawn anew before it has the focus;
  // otherwise the row that had the focus before.
  const drawing = { text, wanted: before === undefined ? data.focus : (focused ?? before.wanted) };
  drawn.set(place, drawing);
  const again =
    drawing.wanted && place.querySelector(`tr[data-id="${CSS.escape(drawing.wanted)}"] a`);
  if (again) takeFocus(again, drawing, document.activeElement, MOST_FRAMES);
}

// What has just been drawn may not be on the page yet, and what was pressed may be there a moment
// longer: until the page is done. Whoever has focused something since then keeps it.
function takeFocus(link, drawing, pressed, frames) {
  const has = document.activeElement;
  // The page's title or a message has the focus only where nothing better was there.
  const isNowhere = !has || has === document.body || has.matches("h1, [role=alert], [role=status]");
  const isOurs = has?.contains(link.getRootNode().host);
  const left = isDone() ? Math.min(frames, FRAMES_AFTER) : frames;
  if (isNowhere || isOurs) link.focus();
  const isOver = link.getRootNode().activeElement === link || left === 0;
  if (isOver || !(isNowhere || isOurs || has === pressed)) {
    drawing.wanted = undefined;
  } else {
    requestAnimationFrame(() => takeFocus(link, drawing, pressed, left - 1));
  }
}

function isDone() {
  return (
    document.querySelector('[data-testid="stApp"]')?.dataset.testScriptState === "notRunning"
  );
}

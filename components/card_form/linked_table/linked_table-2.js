// A table whose rows are opened: each row has one link, which covers it; a link of a cell's own
// stands above that. Everything is written as
// text, never as HTML. A plain click asks the page; with Ctrl, Shift or the middle button the
// browser follows the link into a new tab or window.
const drawn = new WeakMap();

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
  if (drawn.get(place)?.text === text) return;
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
  // Coming back, the row that one came from; otherwise the row that had the focus before.
  const first = drawn.get(place) === undefined;
  const wanted = first ? data.focus : focused;
  drawn.set(place, { text });
  const again = wanted && place.querySelector(`tr[data-id="${CSS.escape(wanted)}"] a`);
  if (again) takeFocus(again, 60);
}

// What has just been drawn may not be on the page yet. Whoever has focused something keeps it.
function takeFocus(link, frames) {
  const has = document.activeElement;
  // The page's title has the focus only where nothing better was there.
  const isElsewhere = has && has !== document.body && has.tagName !== "H1";
  if (isElsewhere && !has.contains(link.getRootNode().host)) return;
  link.focus();
  if (link.getRootNode().activeElement === link || frames === 0) return;
  requestAnimationFrame(() => takeFocus(link, frames - 1));
}

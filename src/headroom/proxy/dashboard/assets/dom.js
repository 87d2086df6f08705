// The few things that all panels do to the page. A node whose content stays is not touched, so that
// focus, selection and scroll position outlive an update.

const $ = (id) => document.getElementById(id);

/** An element; children may be nodes, texts, or nothing. */
function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

function say(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

function mark(node, name, value) {
  if (value === null || value === undefined) node.removeAttribute(name);
  else if (node.getAttribute(name) !== String(value)) node.setAttribute(name, value);
}

const show = (node, shown) => { if (node.hidden === shown) node.hidden = !shown; };

/** What stands under a path as `bill.after.fresh`; undefined where the proxy does not say it. */
const under = (data, path) => path.split(".").reduce((value, name) => value?.[name], data);

/** A figure of `/stats`: its text, with the path and the value that it came from. */
function figure(node, data, path, shown) {
  const value = under(data, path);
  mark(node, "data-figure", path);
  mark(node, "data-value", JSON.stringify(value ?? null));
  if (isKnown(value) && shown !== format.count) mark(node, "title", value.toLocaleString(undefined, { maximumFractionDigits: 6 }));
  say(node, shown(value));
  return node;
}

/** One child for each item, in their order; those of the same key stay the same nodes. */
function reconcile(parent, items, key, make, update) {
  const known = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  let place = parent.firstElementChild;
  for (const item of items) {
    const name = String(key(item));
    let child = known.get(name);
    known.delete(name);
    if (!child) {
      child = make(item);
      child.dataset.key = name;
    }
    if (child === place) place = place.nextElementSibling;
    else parent.insertBefore(child, place);
    update(child, item);
  }
  for (const gone of known.values()) gone.remove();
}

/** A length from 0 to 1 of a bar; the style is set here because no style attribute is allowed. */
function stretch(node, share) {
  node.style.setProperty("--share", Math.max(0, Math.min(1, share || 0)).toFixed(4));
}

/** Kept between visits where the browser allows it. */
const memory = {
  get(name) {
    try { return localStorage.getItem(`headroom.${name}`); } catch { return null; }
  },
  set(name, value) {
    try { localStorage.setItem(`headroom.${name}`, value); } catch { /* a private window */ }
  },
};

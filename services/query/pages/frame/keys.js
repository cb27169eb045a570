// Keys for those who read many conversations: / search, j k next and previous, Enter open, e end, ? help.
// Everything they do can be done with the mouse and without this file.

const typing = (target) =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

const rows = () => [...document.querySelectorAll("[data-row]")];
let here = -1;

function move(step) {
  const all = rows();
  if (all.length === 0) return;
  here = Math.min(Math.max(here + step, 0), all.length - 1);
  all.forEach((row, place) => row.classList.toggle("is-here", place === here));
  const row = all[here];
  const link = row.querySelector("[data-open]") ?? row.querySelector(".permalink");
  link?.focus({ preventScroll: true });
  row.scrollIntoView({ block: "nearest" });
}

function help() {
  const sheet = document.getElementById("atajos");
  if (sheet instanceof HTMLDialogElement && !sheet.open) sheet.showModal();
}

const actions = {
  "/": () => document.querySelector("[data-search]")?.focus(),
  j: () => move(1),
  k: () => move(-1),
  e: () => document.querySelector("[data-end]")?.click(),
  "?": help,
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    if (typing(event.target)) event.target.blur();
    document.querySelectorAll("details[data-menu][open]").forEach((menu) => menu.removeAttribute("open"));
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (document.querySelector("dialog[open]")) return;
  const action = Object.hasOwn(actions, event.key) ? actions[event.key] : undefined;
  if (action) {
    event.preventDefault();
    action();
  }
});

document.addEventListener("click", (event) => {
  document.querySelectorAll("details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target)) menu.removeAttribute("open");
  });
});

document.querySelectorAll("[data-help]").forEach((button) => {
  button.hidden = false;
  button.addEventListener("click", help);
});

// The way back to the list keeps the place that was left, when the list is where this page was opened from.
document.querySelectorAll("a[data-back]").forEach((link) => {
  link.addEventListener("click", (event) => {
    if (document.referrer !== "" && document.referrer === link.href && history.length > 1) {
      event.preventDefault();
      history.back();
    }
  });
});

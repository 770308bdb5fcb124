const places: Record<string, string> = {
  n: "/scrivania/coda/nuove",
  m: "/scrivania/coda/mie",
  u: "/scrivania/coda/struttura",
  r: "/scrivania/coda/inviate",
  w: "/scrivania/coda/in-attesa",
  c: "/scrivania/pratiche/nuova",
  s: "/scrivania/supervisione",
  b: "/scrivania/bacheca",
};

const off = "sportello-keys-off";

/**
 * Keys of the desk: "/" searches, "?" explains, "g" and a letter goes to a
 * queue, and `data-key` gives a button, link or choice its own key. Who speaks
 * to the computer, or hits keys by accident, turns them off in this browser.
 */
export function shortcuts(): void {
  const help = document.getElementById("shortcuts") as HTMLDialogElement | null;
  const keys = help?.querySelector<HTMLInputElement>("#shortcuts-on");
  if (keys) {
    keys.checked = localStorage.getItem(off) === null;
    keys.addEventListener("change", () => (keys.checked ? localStorage.removeItem(off) : localStorage.setItem(off, "1")));
  }
  document.querySelectorAll("[data-opens=shortcuts]").forEach((b) => b.addEventListener("click", () => help?.showModal()));
  let going = false;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help?.open || isWriting(event.target)) return;
    if (localStorage.getItem(off) !== null) return;
    const key = event.key;
    if (going && places[key]) {
      location.assign(places[key]);
    } else if (key === "/") {
      document.getElementById("desk-search")?.focus();
    } else if (key === "?") {
      help?.showModal();
    } else if (key === "g") {
      going = true;
      setTimeout(() => (going = false), 1500);
      return;
    } else {
      const mark = document.querySelector<HTMLElement>(`[data-key="${CSS.escape(key)}"]`);
      if (!mark) return;
      if (mark.matches("textarea, input")) mark.focus();
      if (mark.matches("[type=radio]")) mark.click();
      else if (!mark.matches("textarea, input")) mark.click();
    }
    going = false;
    event.preventDefault();
  });
}

function isWriting(target: EventTarget | null): boolean {
  const fields = "input:not([type=radio], [type=checkbox]), textarea, select, [contenteditable]";
  return target instanceof HTMLElement && target.matches(fields);
}

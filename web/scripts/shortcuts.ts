const places: Record<string, string> = {
  n: "/scrivania/coda/nuove",
  m: "/scrivania/coda/mie",
  u: "/scrivania/coda/struttura",
  r: "/scrivania/coda/inviate",
  w: "/scrivania/coda/in-attesa",
  c: "/scrivania/pratiche/nuova",
  s: "/scrivania/supervisione",
};

/**
 * Keys of the desk: "/" searches, "?" explains, "g" and a letter goes to a
 * queue, and `data-key` gives a button or link its own key.
 */
export function shortcuts(): void {
  const help = document.getElementById("shortcuts") as HTMLDialogElement | null;
  document.querySelectorAll("[data-opens=shortcuts]").forEach((b) => b.addEventListener("click", () => help?.showModal()));
  let going = false;

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || help?.open || isWriting(event.target)) return;
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
      else mark.click();
    }
    going = false;
    event.preventDefault();
  });
}

function isWriting(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && target.matches("input, textarea, select, [contenteditable]");
}

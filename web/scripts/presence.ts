import { csrf } from "./drafts";

const beat = 20_000;
const idle = 30_000;

/** Tells the server that this page is looked at, or that an answer is being written on it. */
export function tellPresence(): void {
  const url = document.querySelector<HTMLElement>("[data-presence-url]")?.dataset.presenceUrl;
  if (!url) return;
  const page = Math.random().toString(36).slice(2);
  let writing = false;
  let gone = true;
  let pause: number | undefined;

  const tell = (doing: string) => {
    gone = doing === "gone";
    const body = new URLSearchParams({ page, doing });
    // Another beat comes soon, and the server forgets a page that falls silent.
    fetch(url, { method: "POST", keepalive: true, headers: { "X-CSRF-Token": csrf() }, body }).catch(() => undefined);
  };
  const here = () => {
    if (document.visibilityState === "visible") tell(writing ? "writing" : "looking");
  };
  const leave = () => {
    if (!gone) tell("gone");
  };

  here();
  setInterval(here, beat);
  document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? here() : leave()));
  window.addEventListener("pagehide", leave);
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) here();
  });
  document.addEventListener("input", (event) => {
    const area = event.target;
    if (!(area instanceof HTMLTextAreaElement) || area.dataset.draftKind !== "reply") return;
    clearTimeout(pause);
    pause = window.setTimeout(() => {
      writing = false;
      here();
    }, idle);
    if (writing) return;
    writing = true;
    here();
  });
}

import { text } from "./lang";

const pause = 1200;

/** Text areas with `data-draft-url` keep what is being written on the server. */
export function keepDrafts(): void {
  const timers = new WeakMap<HTMLTextAreaElement, number>();
  document.addEventListener("input", (event) => {
    const area = event.target;
    if (!(area instanceof HTMLTextAreaElement) || !area.dataset.draftUrl) return;
    area.dataset.unsaved = "yes";
    say(area, text("DraftWriting"));
    clearTimeout(timers.get(area));
    timers.set(area, window.setTimeout(() => save(area), pause));
  });
  document.addEventListener("submit", () => {
    document.querySelectorAll<HTMLElement>("[data-unsaved]").forEach((area) => delete area.dataset.unsaved);
  });
  window.addEventListener("beforeunload", (event) => {
    if (document.querySelector("[data-unsaved]")) event.preventDefault();
  });
}

async function save(area: HTMLTextAreaElement): Promise<void> {
  const written = area.value;
  try {
    const answer = await fetch(area.dataset.draftUrl ?? "", {
      method: "POST",
      headers: { "X-CSRF-Token": csrf(), "Content-Type": "application/x-www-form-urlencoded" },
      body: new URLSearchParams({ kind: area.dataset.draftKind ?? "", body: written }),
    });
    if (!answer.ok) throw new Error(String(answer.status));
    if (area.value === written) delete area.dataset.unsaved;
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit" });
    say(area, text("DraftSaved", { time }));
  } catch {
    say(area, text("DraftFailed"));
  }
}

/** The token that every change must carry, from the page's head. */
export function csrf(): string {
  return document.querySelector<HTMLMetaElement>("meta[name=csrf-token]")?.content ?? "";
}

function say(area: HTMLTextAreaElement, words: string): void {
  const place = area.form?.querySelector(".draft-state");
  if (place && place.textContent !== words) place.textContent = words;
}

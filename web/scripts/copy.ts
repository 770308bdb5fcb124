import { text } from "./lang";

/** Buttons that copy a code; they appear only where the browser can copy. */
export function copyButtons(): void {
  if (!navigator.clipboard) return;
  document.querySelectorAll<HTMLButtonElement>("button[data-copy]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(button.dataset.copy ?? "");
      const status = button.parentElement?.querySelector("[role=status]");
      if (status) status.textContent = text("Copied");
    });
  });
}

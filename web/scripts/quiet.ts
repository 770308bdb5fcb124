/**
 * Parts marked `data-live-part` are refreshed while somebody reads them. What is selected, being written or
 * opened inside would be lost, so the refresh waits until the hands are off.
 */
export function refreshQuietly(): void {
  const waiting = new Set<HTMLElement>();

  document.addEventListener("htmx:beforeSwap", (event) => {
    const part = (event.target as Element).closest<HTMLElement>("[data-live-part]");
    if (!part || !busy(part)) return;
    (event as CustomEvent).detail.shouldSwap = false;
    waiting.add(part);
  });
  const again = () => {
    for (const part of waiting) {
      if (!part.isConnected) waiting.delete(part);
      else if (!busy(part)) {
        waiting.delete(part);
        part.dispatchEvent(new CustomEvent("refresh"));
      }
    }
  };
  document.addEventListener("selectionchange", again);
  document.addEventListener("focusout", () => setTimeout(again));
  document.addEventListener("toggle", again, true);
}

function busy(part: HTMLElement): boolean {
  const selection = document.getSelection();
  const selecting = selection !== null && !selection.isCollapsed && selection.containsNode(part, true);
  const writing = part.contains(document.activeElement) && document.activeElement?.matches("input, textarea, select");
  return selecting || writing === true || part.querySelector("details[open]") !== null;
}

/** The button that sent a rating goes away with its form: the reader goes on from the thanks in its place. */
export function thankReader(): void {
  document.addEventListener("htmx:afterSettle", () => {
    const thanks = document.querySelector<HTMLElement>(".rating-done h2:not([tabindex])");
    if (!thanks) return;
    thanks.tabIndex = -1;
    thanks.focus();
  });
}

/** The form of a visit: when it began, fields where Enter only searches, and an undo that ends in time. */
export function counter(): void {
  const form = document.querySelector<HTMLFormElement>("form[data-visit]");
  const started = form?.querySelector<HTMLInputElement>("input[name=started]");
  if (form && started) {
    const rendered = Number(form.dataset.now);
    // After a visit the next one begins with the first thing that is picked, not when the page was made.
    const begin = () => {
      if (!started.value) started.value = String(Math.round(rendered + performance.now() * 1000));
    };
    form.addEventListener("input", begin);
    form.querySelectorAll("input[name=topic]").forEach((topic) => topic.addEventListener("click", begin));
    form.addEventListener("keydown", (event) => {
      const field = event.target;
      if (event.key !== "Enter" || !(field instanceof HTMLInputElement) || !("noSubmit" in field.dataset)) return;
      event.preventDefault();
      field.dispatchEvent(new CustomEvent("search", { bubbles: true }));
    });
  }
  document.querySelectorAll<HTMLElement>("[data-expires]").forEach((part) => {
    setTimeout(() => {
      if (part.contains(document.activeElement)) form?.querySelector<HTMLElement>("input[name=topic]")?.focus();
      part.remove();
    }, Number(part.dataset.expires) * 1000);
  });
  document.querySelectorAll<HTMLButtonElement>("button[data-print]").forEach((button) => {
    button.hidden = false;
    button.addEventListener("click", () => print());
    button.focus();
  });
}

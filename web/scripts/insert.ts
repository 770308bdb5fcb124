/**
 * `data-insert-from="ID"` puts the text of that element at the caret of the
 * composer, and `data-sheet` is remembered as the sheet the answer comes from.
 */
export function insertTexts(): void {
  document.addEventListener("click", (event) => {
    const button = (event.target as Element).closest<HTMLElement>("[data-insert-from]");
    const source = document.getElementById(button?.dataset.insertFrom ?? "");
    const area = document.querySelector<HTMLTextAreaElement>("textarea[data-composer]");
    if (!button || !source || !area) return;
    event.preventDefault();
    const words = (source instanceof HTMLTemplateElement ? source.content : source).textContent?.trim() ?? "";
    // A caret at the very start means that nobody has placed it yet: go to the end.
    const [from, to] = area.selectionEnd > 0 ? [area.selectionStart, area.selectionEnd] : [area.value.length, area.value.length];
    const before = area.value.slice(0, from);
    const way = area.form?.querySelector<HTMLElement>("[name=way]:checked")?.dataset.greeting;
    const greeting = area.value.trim() === "" ? (way ?? area.dataset.greeting ?? "") : "";
    const gap = (before || greeting) && !before.endsWith("\n") ? "\n\n" : "";
    area.setRangeText(greeting + gap + words, from, to, "end");
    const sheet = area.form?.elements.namedItem("sheet");
    if (sheet instanceof HTMLInputElement && button.dataset.sheet) sheet.value = button.dataset.sheet;
    const answer = area.form?.querySelector<HTMLInputElement>("[name=kind][value=reply]");
    if (answer) answer.checked = true;
    area.focus();
    area.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

import { text } from "./lang";

/** Brings the reader to the list of errors after a refused form. */
export function focusErrors(root: ParentNode = document): void {
  root.querySelector<HTMLElement>(".error-summary")?.focus();
}

/** A form already on its way is not sent twice by a second click. */
export function guardDoubleSubmit(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("hx-post")) return;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const button = (event as SubmitEvent).submitter;
    button?.setAttribute("aria-disabled", "true");
  });
  // The page may come back from the history with the mark still on it.
  window.addEventListener("pageshow", () => {
    document.querySelectorAll<HTMLFormElement>("form[data-sent]").forEach((form) => {
      delete form.dataset.sent;
      form.querySelectorAll("[aria-disabled=true]").forEach((b) => b.removeAttribute("aria-disabled"));
    });
  });
}

/** Says before the upload what the server would refuse after it. */
export function checkFiles(): void {
  document.addEventListener("change", (event) => {
    const input = event.target;
    if (!(input instanceof HTMLInputElement) || input.type !== "file") return;
    const limit = Number(input.dataset.maxBytes ?? 0);
    const most = Number(input.dataset.maxFiles ?? 0);
    const files = [...(input.files ?? [])];
    const large = files.find((file) => limit > 0 && file.size > limit);
    let message = "";
    if (large) message = text("FileTooLarge", { name: large.name, limit: megabytes(limit) });
    else if (most > 0 && files.length > most) message = text("TooManyFiles", { limit: String(most) });
    input.setCustomValidity(message);
    const status = document.getElementById(`${input.id}-status`);
    if (!status) return;
    status.classList.toggle("field-error", message !== "");
    status.textContent = message || files.map((file) => `${file.name} (${megabytes(file.size)})`).join(", ");
  });
}

function megabytes(bytes: number): string {
  const size = new Intl.NumberFormat(document.documentElement.lang, { maximumFractionDigits: 1 });
  const kilobyte = 1024;
  const megabyte = kilobyte * kilobyte;
  return bytes < megabyte ? `${size.format(bytes / kilobyte)} kB` : `${size.format(bytes / megabyte)} MB`;
}

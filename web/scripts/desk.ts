import htmx from "htmx.org";
import { copyButtons } from "./copy";
import { counter } from "./counter";
import { csrf, keepDrafts } from "./drafts";
import { checkFiles, focusErrors, guardDoubleSubmit } from "./forms";
import { insertTexts } from "./insert";
import { listen } from "./live";
import { tellPresence } from "./presence";
import { refreshQuietly } from "./quiet";
import { shortcuts } from "./shortcuts";

guardDoubleSubmit();
checkFiles();
copyButtons();
keepDrafts();
insertTexts();
shortcuts();
counter();
refreshQuietly();
tellPresence();
focusErrors();

htmx.on("htmx:configRequest", (event) => {
  (event as CustomEvent).detail.headers["X-CSRF-Token"] = csrf();
});
htmx.on("htmx:afterSwap", (event) => focusErrors(event.target as HTMLElement));
document.addEventListener("click", (event) => {
  document.querySelectorAll<HTMLDetailsElement>("details.who[open], details[data-menu][open]").forEach((menu) => {
    if (!menu.contains(event.target as Node)) menu.open = false;
  });
});
document.addEventListener("keydown", (event) => {
  const menu = document.querySelector<HTMLDetailsElement>("details.who[open], details[data-menu][open]");
  if (event.key !== "Escape" || !menu) return;
  menu.open = false;
  menu.querySelector("summary")?.focus();
});

const live = document.body.dataset.live;
if (live) listen(live);

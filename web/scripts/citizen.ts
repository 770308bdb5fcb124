import "htmx.org";
import { copyButtons } from "./copy";
import { checkFiles, focusErrors, guardDoubleSubmit } from "./forms";
import { thankReader } from "./rating";

// Search as you type is htmx attributes on the search form: nothing to do here.
guardDoubleSubmit();
checkFiles();
copyButtons();
focusErrors();
document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.target as HTMLElement));
thankReader();

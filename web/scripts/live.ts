/**
 * Listens to what changes for this user and tells the page through events on
 * `document.body`, so that `hx-trigger="tickets-changed from:body"` reloads a
 * fragment. The server says that something changed, never what.
 */
export function listen(url: string): void {
  const lost = document.getElementById("link-lost");
  let wait = 1000;
  let failures = 0;
  let source: EventSource | undefined;

  const tell = (name: string) => document.body.dispatchEvent(new CustomEvent(name, { bubbles: true }));

  const resync = () => {
    tell("tickets-changed");
    tell("calls-changed");
    tell("my-call-changed");
    tell("news-changed");
    tell("desk-resync");
  };

  const open = () => {
    source = new EventSource(url);
    source.onopen = () => {
      // What happened while we were away was not told: ask for everything again.
      if (failures > 0) resync();
      if (lost) lost.hidden = true;
      wait = 1000;
      failures = 0;
    };
    source.onerror = () => {
      source?.close();
      failures += 1;
      // One missed beat is not worth a word: the next try usually succeeds.
      if (lost && failures > 2) lost.hidden = false;
      // Spread over time, so that a restarted server is not met by all at once.
      setTimeout(open, wait * (0.5 + Math.random()));
      wait = Math.min(wait * 2, 30_000);
    };
    source.addEventListener("tickets", () => tell("tickets-changed"));
    source.addEventListener("my-call", () => tell("my-call-changed"));
    source.addEventListener("calls", () => tell("calls-changed"));
    source.addEventListener("news", () => tell("news-changed"));
    source.addEventListener("resync", resync);
    source.addEventListener("presence", (message) => {
      tell(`presence-changed:${String(message.data).replace(/^ticket:/, "")}`);
    });
    source.addEventListener("ticket", (message) => {
      tell(`ticket-changed:${String(message.data).replace(/^ticket:/, "")}`);
      tell("tickets-changed");
    });
  };
  open();
  window.addEventListener("pagehide", () => source?.close());
}

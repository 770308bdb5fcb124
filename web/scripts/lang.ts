/** A text of the interface: pages carry theirs as `data-t-*` of `<body>`. */
export function text(key: string, values: Record<string, string> = {}): string {
  const found = document.body.dataset[`t${key}`] ?? "";
  return found.replace(/\{(\w+)\}/g, (_, name: string) => values[name] ?? "");
}

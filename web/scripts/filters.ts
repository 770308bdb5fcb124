/** On wide screens filters stay open, also in browsers that cannot show them by style alone. */
export function openFilters(): void {
  const wide = window.matchMedia("(min-width: 48em)");
  const filters = document.querySelectorAll<HTMLDetailsElement>("details[data-filters]");
  if (CSS.supports("selector(::details-content)")) return;
  const adapt = () => filters.forEach((box) => { if (wide.matches) box.open = true; });
  wide.addEventListener("change", adapt);
  adapt();
}

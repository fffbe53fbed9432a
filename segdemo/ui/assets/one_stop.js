// The row of tabs is one stop for the Tab key; arrow keys go from tab to tab.
function oneStop() {
  const row = document.querySelector('[role=tablist]');
  const tabs = () => [...row.querySelectorAll('[role=tab]')];
  const settle = () => tabs().forEach((tab) => (tab.tabIndex = tab.getAttribute('aria-selected') === 'true' ? 0 : -1));
  new MutationObserver(settle).observe(row, { subtree: true, attributeFilter: ['aria-selected'] });
  settle();
  row.addEventListener('keydown', ({ key }) => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[key];
    if (!step) return;
    const next = tabs().at((tabs().indexOf(document.activeElement) + step) % tabs().length);
    next.click();
    next.focus();
  });
}

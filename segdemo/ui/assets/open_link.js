// From now on the address is written, and the browser's Back and Forward open its tab; if it names an example, the tab's button is pressed.
// `runs` has the buttons' ids by tab.
function openLink(runs, firstTab) {
  return () => {
    window.linkOpened = firstTab;
    const query = new URLSearchParams(location.search);
    const id = runs[query.get('tab') || firstTab];
    const press = () => {
      const run = document.getElementById(id);
      if (run) run.click();
      else setTimeout(press, 100);
    };
    if (query.get('example') && id) press();
    addEventListener('popstate', () => {
      const tab = new URLSearchParams(location.search).get('tab') || firstTab;
      document.querySelector(`[role=tab][data-tab-id="${CSS.escape(tab)}"]`)?.click();
    });
  };
}

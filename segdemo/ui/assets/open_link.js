// From now on the address is written; if it names an example, the tab's button is pressed. `runs` has the buttons' ids by tab.
function openLink(runs, firstTab) {
  return () => {
    window.linkOpened = true;
    const query = new URLSearchParams(location.search);
    const id = runs[query.get('tab') || firstTab];
    const press = () => {
      const run = document.getElementById(id);
      if (run) run.click();
      else setTimeout(press, 100);
    };
    if (query.get('example') && id) press();
  };
}

// Writes into the address: the tab, its settings' values and, if there are any, which of the examples the only picture of the picker is.
// `names` are all that an address can hold; `usual` is the value that need not be written. An example's path holds the hash
// of its bytes: an upload of the same name is not mistaken for it.
function writeLink(names, tab, settings, usual) {
  const path = (item) => item && (item.image || item.video || {}).path;
  return (...values) => {
    const [pictures, examples] = values.splice(settings.length);
    const shown = [...document.querySelectorAll('[role=tab][aria-selected=true]')].some((each) => each.dataset.tabId === tab);
    if (!window.linkOpened || !shown) return; // a change of language changes what other tabs hold, too
    const query = new URLSearchParams(location.search);
    // The browser's Back goes back a tab.
    const step = (query.get('tab') || window.linkOpened) === tab ? 'replaceState' : 'pushState';
    names.forEach((name) => query.delete(name));
    query.set('tab', tab);
    settings.forEach((name, i) => values[i] !== usual && query.set(name, values[i]));
    const example = pictures && pictures.length === 1 && (examples || []).find((item) => path(item) === path(pictures[0]));
    if (example)
      query.set(
        'example',
        path(example)
          .split('/')
          .pop()
          .replace(/\.jpg$/, ''),
      );
    history[step](history.state, '', '?' + query + location.hash);
  };
}

// Writes into the address: the tab, its settings' values and, if there are any, which of the examples the only picture of the picker is.
// `names` are all that an address can hold; `usual` is the value that need not be written. An example's path holds the hash
// of its bytes: an upload of the same name is not mistaken for it.
function writeLink(names, tab, settings, usual) {
  const path = (item) => item && (item.image || item.video || {}).path;
  return (...values) => {
    const [pictures, examples] = values.splice(settings.length);
    if (!window.linkOpened) return;
    const query = new URLSearchParams(location.search);
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
    history.replaceState(history.state, '', '?' + query + location.hash);
  };
}

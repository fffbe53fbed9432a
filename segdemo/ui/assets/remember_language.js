function rememberLanguage(language) {
  const query = new URLSearchParams(location.search);
  query.set('lang', language);
  history.replaceState(history.state, '', '?' + query + location.hash);
}

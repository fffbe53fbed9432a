// At first, a `?lang=` in the address or the browser's own language decides.
function chooseLanguage(showLanguage) {
  return () => {
    const wanted = new URLSearchParams(location.search).get('lang') || navigator.language || 'en';
    return showLanguage(wanted.toLowerCase().startsWith('zh') ? 'zh' : 'en');
  };
}

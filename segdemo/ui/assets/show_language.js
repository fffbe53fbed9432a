// The page's `lang` decides which language the HTML shows. Gradio's own words (footer, queue) follow the locale, the one store of its
// translations' module that can be set; it has no function for that.
function showLanguage(language) {
  const locale = language === 'zh' ? 'zh-CN' : 'en';
  document.documentElement.lang = locale;
  document.title = document.querySelector(`#masthead h1 [lang=${language}]`).textContent;
  const files = performance.getEntriesByType('resource').map((entry) => entry.name);
  const file = files.find((name) => /\/runtime-[^/]*\.js$/.test(name));
  if (file)
    import(file).then((module) =>
      Object.values(module)
        .find((value) => value && value.set && value.subscribe)
        ?.set(locale),
    );
  return language;
}

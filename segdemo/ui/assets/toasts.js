// Gradio's own messages are in English only, and the server answers in the language that the browser asks for, not the one that is shown.
// `known` has pairs: a pattern of the English sentence, and the Chinese one.
function toasts(known) {
  const patterns = known.map(([english, chinese]) => [new RegExp(`^${english}$`, 's'), english, chinese]);
  const translate = () => {
    const inChinese = document.documentElement.lang.startsWith('zh');
    for (const each of document.querySelectorAll('.toast-title, [data-testid=toast-text]')) {
      const text = each.textContent.trim();
      const found = patterns.find(([pattern, , chinese]) => (inChinese ? pattern.test(text) : text === chinese));
      if (found) each.textContent = inChinese ? text.replace(found[0], found[2]) : found[1];
    }
  };
  return () => void new MutationObserver(translate).observe(document.body, { childList: true, subtree: true, characterData: true });
}

// At last: what is watched.
new ResizeObserver(() => pages.length && look()).observe(easel);
new MutationObserver(() => pages.length && (drawPalette(), tell())).observe(document.documentElement, { attributeFilter: ['lang'] });
take('brush');
// The server fills two parts beside this one: the pictures, and the answer to a stroke.
new MutationObserver((changes) => {
  const filled = new Set(changes.map(({ target }) => target.closest('#teach-shown, #teach-answer')?.id));
  if (filled.has('teach-shown')) came();
  if (filled.has('teach-answer')) answered();
}).observe(element.closest('[role=tabpanel]'), { childList: true, subtree: true });
came();

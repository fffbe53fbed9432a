// At last: what is watched.
new ResizeObserver(() => pages.length && look()).observe(easel);
new MutationObserver(() => pages.length && (drawCorrects(), drawPalette(), tell())).observe(document.documentElement, { attributeFilter: ['lang'] });
take('brush');
// The server fills the parts beside this one: the pictures, the answer to a stroke, what shall be corrected, and how a picture looks.
new MutationObserver((changes) => {
  const filled = new Set(changes.map(({ target }) => target.closest('#teach-shown, #teach-answer, #teach-corrects, #teach-looks')?.id));
  if (filled.has('teach-shown')) came();
  if (filled.has('teach-answer')) answered();
  if (filled.has('teach-corrects')) asked();
  if (filled.has('teach-looks')) felt();
}).observe(element.closest('[role=tabpanel]'), { childList: true, subtree: true });
came();

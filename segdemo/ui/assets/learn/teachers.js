// Prints the worksheet or its key, and fetches the pictures.
function teachers(stage, { ask }) {
  const section = stage.closest('section');
  stage.addEventListener('click', async ({ target }) => {
    const { print, zip } = target.closest('button')?.dataset ?? {};
    if (print) onPaper(section.querySelector(`[data-sheet=${print}]`));
    if (zip === undefined) return;
    const found = await ask({});
    if (!found) return;
    const link = Object.assign(document.createElement('a'), { href: found.zip, download: 'segdemo-pictures.zip' });
    link.click();
  });

  // The sheet alone, beside the page, as long as it is printed.
  function onPaper(sheet) {
    const paper = sheet.cloneNode(true);
    paper.hidden = false;
    document.body.append(paper);
    addEventListener('afterprint', () => paper.remove(), { once: true });
    window.print();
  }
}

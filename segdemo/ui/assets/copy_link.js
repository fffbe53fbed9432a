// Where a browser has no clipboard for pages (over plain http, but for localhost), the address is shown to be copied, and nothing is said to be.
async function copyLink(language) {
  try {
    await navigator.clipboard.writeText(location.href);
    return language;
  } catch {
    prompt('', location.href);
    return null;
  }
}

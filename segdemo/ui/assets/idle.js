function idle() {
  document.querySelectorAll('#results [aria-busy=true]').forEach((button) => button.removeAttribute('aria-busy'));
}

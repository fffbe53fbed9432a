function idle() {
  document.querySelectorAll(':is(#results, #teach-canvas) [aria-busy=true]').forEach((button) => button.removeAttribute('aria-busy'));
}

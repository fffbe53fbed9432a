// Brings the component of this id into view, if its top is above the window or far down.
function show(id) {
  return () => {
    const shown = document.getElementById(id);
    const top = shown.getBoundingClientRect().top;
    const behavior = matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth';
    if (top < 0 || top > innerHeight / 2) shown.scrollIntoView({ behavior });
  };
}

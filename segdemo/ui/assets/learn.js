// The frame of the lesson: which step is shown, what was answered, the projector view. `data` and `scripts` have what is a step's own, by its name;
// a script is called when its step is first seen. The place and the answers stay in this tab of the browser, until it is closed.
function learn(element, data, scripts, tools) {
  const KEPT = 'segdemo-lesson';
  const all = (selector) => [...element.querySelectorAll(selector)];
  const sections = all('section[data-step]');
  const names = sections.map((section) => section.dataset.step);
  const kept = () => {
    try {
      return { done: [], ...JSON.parse(sessionStorage.getItem(KEPT) || '{}') };
    } catch {
      return { done: [] };
    }
  };
  const keep = (changes) => {
    try {
      sessionStorage.setItem(KEPT, JSON.stringify({ ...kept(), ...changes }));
    } catch {
      // a browser may refuse: then the place is lost with the page
    }
  };
  const begun = new Set();
  const prepared = new URLSearchParams(location.search).get('set');
  const settings = new Map(); // of the step that is shown, those that were changed
  let current = '';

  function write() {
    const query = new URLSearchParams(location.search);
    if (query.get('tab') !== 'learn' || !current) return;
    // The browser's Back goes back a step.
    const step = [null, current].includes(query.get('step')) ? 'replaceState' : 'pushState';
    query.set('step', current);
    if (settings.size) query.set('set', [...settings].map((pair) => pair.join(':')).join(','));
    else query.delete('set');
    history[step](history.state, '', '?' + query + location.hash);
  }

  function begin(section) {
    const name = section.dataset.step;
    if (!scripts[name] || begun.has(name) || !section.offsetParent) return;
    begun.add(name);
    const stage = section.querySelector('.exhibit');
    scripts[name](stage, tools(stage, name, data[name] ?? {}), data[name]);
    if (prepared && begun.size === 1) prepared.split(',').forEach((pair) => set(stage, ...pair.split(':')));
  }

  // As if the visitor had chosen it.
  function set(stage, label, value) {
    const inputs = [...stage.querySelectorAll('input')].filter((input) => labelOf(input) === label);
    const input = inputs.find(({ type }) => type === 'range') ?? inputs.find((each) => each.value === value);
    if (!input) return;
    if (input.type === 'range') {
      input.value = value;
      input.dispatchEvent(new Event('input', { bubbles: true }));
      input.dispatchEvent(new Event('change', { bubbles: true }));
    } else input.click();
  }
  const labelOf = ({ name }) => (name.startsWith(`${current}-`) ? name.slice(current.length + 1).split('-')[0] : '');

  function go(name, byHand) {
    settings.clear();
    current = names.includes(name) ? name : names[0];
    sections.forEach((section) => (section.hidden = section.dataset.step !== current));
    all('.contents a').forEach((link) => (link.dataset.step === current ? link.setAttribute('aria-current', 'step') : link.removeAttribute('aria-current')));
    // On a narrow screen the contents are a row that scrolls.
    const here = element.querySelector('.contents li a[aria-current]');
    if (here) here.closest('ol').scrollLeft = here.offsetLeft - here.closest('ol').offsetLeft;
    const section = sections[names.indexOf(current)];
    begin(section);
    if (!byHand) return;
    keep({ step: current });
    write();
    section.querySelector('h2').focus({ preventScroll: true });
    if (element.getBoundingClientRect().top < 0) section.scrollIntoView();
  }

  function tick() {
    const { done } = kept();
    all('.contents li a').forEach((link) => link.classList.toggle('done', done.includes(link.dataset.step)));
  }

  function reply(button) {
    const quiz = button.closest('.quiz');
    const buttons = [...quiz.querySelectorAll('button')];
    buttons.forEach((each) => each.setAttribute('aria-pressed', each === button));
    [...quiz.querySelectorAll('.replies p')].forEach((words, i) => (words.hidden = buttons[i] !== button));
    if ('right' in button.dataset) keep({ done: [...new Set([...kept().done, current])] });
    tick();
  }

  function project(on) {
    document.documentElement.classList.toggle('projecting', on);
    element.querySelector('.projector').setAttribute('aria-pressed', on);
  }

  element.addEventListener('click', (event) => {
    const link = event.target.closest('a[data-step]');
    const button = event.target.closest('.quiz button');
    if (link) {
      event.preventDefault();
      go(link.dataset.step, true);
    } else if (button) reply(button);
    else if (event.target.closest('.projector')) project(!document.documentElement.classList.contains('projecting'));
  });
  element.addEventListener('change', ({ target }) => {
    const label = target.matches('.exhibit input') && labelOf(target);
    if (!label) return;
    settings.set(label, target.value);
    write();
  });
  document.addEventListener('keydown', ({ key, target }) => {
    if (!document.documentElement.classList.contains('projecting') || !element.offsetParent) return;
    const step = { PageDown: 1, PageUp: -1 }[key];
    if (key === 'Escape') project(false);
    else if (step && !target.matches('input')) go(names[Math.min(Math.max(names.indexOf(current) + step, 0), names.length - 1)], true);
  });
  // Gradio builds a tab before it is shown, and forgets what stood in the address beside its name.
  new IntersectionObserver((entries) => {
    if (!entries.some((entry) => entry.isIntersecting)) return;
    begin(sections[names.indexOf(current)]);
    write();
  }).observe(element);
  addEventListener('popstate', () => {
    const step = new URLSearchParams(location.search).get('step');
    if (step) go(step);
  });
  go(new URLSearchParams(location.search).get('step') || kept().step);
  tick();
}

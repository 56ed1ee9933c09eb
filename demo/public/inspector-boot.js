// Runs before the first paint, so that the page doesn't jump when the inspector was left open.
(() => {
  let remembered;
  try {
    remembered = localStorage.getItem('saltmarsh.qa.panel');
  } catch {
    // Storage is forbidden: the panel starts in its default state.
  }
  const state = remembered ?? (matchMedia('(min-width: 1200px)').matches ? 'open' : 'closed');
  document.documentElement.dataset.qa = state;
})();

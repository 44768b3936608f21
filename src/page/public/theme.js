// Runs before the first paint, so that no page flashes in the wrong colours: the link's theme, else
// the one that was chosen here before, else the system's.
(() => {
  const asked = new URLSearchParams(location.search).get('theme');
  let theme = asked;
  if (theme !== 'dark' && theme !== 'light') {
    try {
      theme = localStorage.getItem('tickwell.theme');
    } catch {
      theme = null;
    }
  }
  if (theme !== 'dark' && theme !== 'light') {
    theme = matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
  }
  document.documentElement.dataset.theme = theme;
})();

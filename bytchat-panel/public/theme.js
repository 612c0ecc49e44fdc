// Before the first paint, so that nobody who chose dark sees a white flash. A file, because inline scripts are refused.
(() => {
  let theme = 'system';
  let language = '';
  try {
    const { state } = JSON.parse(localStorage.getItem('bytchat-preferences') ?? '{}');
    theme = state?.theme ?? theme;
    language = state?.language ?? language;
  } catch {
    // Storage is closed or holds something else: the defaults serve.
  }
  const isDark = theme === 'dark' || (theme === 'system' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
  if (language) document.documentElement.lang = language;
})();

/* Tabs, theme and help. */
function createPanels(data, onThemeChange) {
  const TABS = ['list', 'details', 'joins'];
  const isPhone = window.matchMedia('(max-width: 760px)');
  let tab = isPhone.matches ? 'list' : 'details';

  function show(next) {
    tab = next === 'list' && !isPhone.matches ? 'details' : next;
    document.body.dataset.tab = tab;
    for (const name of TABS) {
      $(`tab-${name}`).setAttribute('aria-selected', String(name === tab));
      $(`tab-${name}`).tabIndex = name === tab ? 0 : -1;
    }
  }
  for (const name of TABS) $(`tab-${name}`).onclick = () => show(name);
  $('tabs').addEventListener('keydown', (event) => {
    if (event.key !== 'ArrowRight' && event.key !== 'ArrowLeft') return;
    const names = TABS.filter((name) => name !== 'list' || isPhone.matches);
    const next = names[(names.indexOf(tab) + (event.key === 'ArrowRight' ? 1 : names.length - 1)) % names.length];
    event.preventDefault();
    event.stopPropagation();
    show(next);
    $(`tab-${next}`).focus();
  });
  isPhone.addEventListener('change', () => show(isPhone.matches ? 'list' : tab === 'list' ? 'details' : tab));
  $('tab-joins').textContent = data.doubts.total > 0 ? `Joins to check (${data.doubts.total.toLocaleString('en')})` : 'Joins';
  show(tab);

  const THEMES = ['auto', 'dark', 'light'];
  /* A page on disk may be refused storage: then the choice holds until the page is closed. */
  const stored = () => {
    try {
      return localStorage.getItem('vamg-theme');
    } catch {
      return null;
    }
  };
  function setTheme(theme) {
    if (theme === 'auto') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    $('theme').textContent = `Theme: ${theme}`;
    try {
      localStorage.setItem('vamg-theme', theme);
    } catch {
      // See above.
    }
    onThemeChange();
  }
  $('theme').onclick = () => setTheme(THEMES[(THEMES.indexOf(document.documentElement.dataset.theme ?? 'auto') + 1) % THEMES.length]);
  window.matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => onThemeChange());

  const help = $('help');
  $('keys').onclick = () => help.showModal();
  $('help-close').onclick = () => help.close();
  help.addEventListener('click', (event) => event.target === help && help.close());

  return {
    show,
    /** The theme of the last visit, once everything that is drawn with its colours is there. */
    restoreTheme: () => setTheme(THEMES.includes(stored()) ? stored() : 'auto'),
    openHelp: () => help.showModal(),
    isPhone: () => isPhone.matches,
  };
}

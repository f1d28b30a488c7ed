// Runs before the first paint: the theme and the language chosen before, so that nothing flashes.
;(() => {
  const root = document.documentElement
  root.classList.add('js')
  try {
    const params = new URLSearchParams(location.hash.slice(1))
    const theme = params.get('theme') || localStorage.getItem('pantau-theme')
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
    const lang = params.get('lang') || (/(?:^|; )pantau_lang=(id|en)/.exec(document.cookie) || [])[1]
    if (lang === 'id' || lang === 'en') root.lang = lang
  } catch {
    // Storage is closed to this page: the system's theme and Indonesian stand.
  }
})()

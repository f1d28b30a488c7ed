// Runs before the first paint: the theme and the language chosen before, so that nothing flashes.
;(() => {
  const root = document.documentElement
  try {
    const params = new URLSearchParams(location.hash.slice(1))
    const theme = params.get('theme') || localStorage.getItem('pantau-theme')
    if (theme === 'light' || theme === 'dark') root.dataset.theme = theme
    const lang = params.get('lang') || localStorage.getItem('pantau-lang')
    if (lang === 'en') root.lang = 'en'
  } catch {
    // Storage is closed to this page: the system's theme and Indonesian stand.
  }
})()

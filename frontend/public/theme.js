// Sets the theme before the first paint. It is a file of its own because the policy forbids inline scripts.
;(function () {
  var choice = null
  try {
    choice = localStorage.getItem('hoox.theme')
  } catch {
    // A browser that keeps nothing still gets a theme.
  }
  var light = window.matchMedia && window.matchMedia('(prefers-color-scheme: light)').matches
  var theme = choice === 'light' || choice === 'dark' ? choice : light ? 'light' : 'dark'
  document.documentElement.setAttribute('data-theme', theme)
})()

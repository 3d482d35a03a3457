export const themes = ['system', 'dark', 'light'] as const
export type Theme = (typeof themes)[number]
export const palettes = ['teal', 'blue'] as const
export type Palette = (typeof palettes)[number]

/** How the page looks, kept by the browser. public/theme.js sets the theme before the first paint. */
export class ThemeStore {
  choice = $state<Theme>(kept('hoox.theme', themes, 'system'))
  palette = $state<Palette>(kept('hoox.palette', palettes, 'teal'))
  #light = $state(false)

  /** The theme that is on. */
  get shown(): 'dark' | 'light' {
    if (this.choice !== 'system') return this.choice
    return this.#light ? 'light' : 'dark'
  }

  choose(choice: Theme): void {
    this.choice = choice
    keep('hoox.theme', choice)
    this.#apply()
  }

  choosePalette(palette: Palette): void {
    this.palette = palette
    keep('hoox.palette', palette)
    this.#apply()
  }

  /** Follows the system; the returned function ends it. */
  start(): () => void {
    const query = window.matchMedia('(prefers-color-scheme: light)')
    const follow = () => {
      this.#light = query.matches
      this.#apply()
    }
    follow()
    query.addEventListener('change', follow)
    return () => query.removeEventListener('change', follow)
  }

  #apply(): void {
    const root = document.documentElement
    root.dataset.theme = this.shown
    root.dataset.palette = this.palette
  }
}

function kept<T extends string>(key: string, allowed: readonly T[], otherwise: T): T {
  try {
    const value = localStorage.getItem(key)
    return allowed.find((one) => one === value) ?? otherwise
  } catch {
    return otherwise
  }
}

function keep(key: string, value: string): void {
  try {
    localStorage.setItem(key, value)
  } catch {
    // The choice holds until the page closes.
  }
}

import type { WindowHost } from './wails'

/** What somebody wants of the window: its cross, or Ctrl+Q. */
export type Wish = 'close' | 'quit'

/** The window around the page. Nothing in it trades; a browser has none. */
export interface Shell {
  /** Hears that the window was to be closed and asks what that means; the returned function stops it. */
  onLeave(hear: (wish: Wish) => void): () => void
  /** Hears where the menu of the system leads. */
  onGo(hear: (page: string) => void): () => void
  quit(): void
}

export function shellOf({ runtime }: WindowHost): Shell {
  return {
    onLeave: (hear) => runtime.EventsOn<string>('leave', (wish) => hear(wish === 'close' ? 'close' : 'quit')),
    onGo: (hear) => runtime.EventsOn<string>('go', hear),
    quit: () => runtime.EventsEmit('quit'),
  }
}

/** Tells the window whether somebody looks at it, and in which theme it is to open the next time. */
export function tellLook({ runtime }: WindowHost): void {
  const front = () => runtime.EventsEmit('front', String(document.hasFocus() && !document.hidden))
  for (const name of ['focus', 'blur']) window.addEventListener(name, front)
  document.addEventListener('visibilitychange', front)
  const theme = () => runtime.EventsEmit('theme', document.documentElement.dataset.theme ?? 'dark')
  new MutationObserver(theme).observe(document.documentElement, { attributeFilter: ['data-theme'] })
  front()
  theme()
}

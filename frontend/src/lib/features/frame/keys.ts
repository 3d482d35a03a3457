import { go } from '$lib/stores/router'
import { places } from './places'

const patience = 1500

/**
 * Listens to the keys that work on every page: g then a letter goes to a page, ? calls help, Ctrl+Shift+. (or ⌘⇧.) puts
 * the focus on the kill switch, Ctrl+Q quits where there is a window. No single key places or cancels anything. The
 * returned function stops it.
 */
export function listenToKeys(help: () => void, quit?: () => void): () => void {
  let pending: ReturnType<typeof setTimeout> | undefined

  const heard = (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.shiftKey && (event.code === 'Period' || event.key === '.')) {
      event.preventDefault()
      reachHalt()
      return
    }
    if (quit && event.ctrlKey && !event.shiftKey && !event.altKey && event.key.toLowerCase() === 'q') {
      event.preventDefault()
      return quit()
    }
    if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return
    if (event.key === '?') return help()
    if (pending !== undefined) {
      clearTimeout(pending)
      pending = undefined
      const place = places.find((one) => one.key === event.key)
      if (place) go(place.name)
      return
    }
    if (event.key === 'g') pending = setTimeout(() => (pending = undefined), patience)
  }

  window.addEventListener('keydown', heard)
  return () => {
    clearTimeout(pending)
    window.removeEventListener('keydown', heard)
  }
}

/** An open dialog keeps the focus in itself: the kill switch asks above it then. */
function reachHalt(): void {
  const halt = document.getElementById('halt')
  if (halt?.closest('[data-above]') && document.querySelector('[role=dialog]')) halt.click()
  else halt?.focus()
}

function typing(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  if (document.querySelector('[role=dialog]')) return true
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}

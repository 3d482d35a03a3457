/** Text, or what gives it once it is asked for. */
export type Copied = string | (() => string | Promise<string>)

/** Copies text, also where the browser's own way is missing or refused; false when nothing worked. */
export async function copyText(what: Copied): Promise<boolean> {
  const text = typeof what === 'string' ? what : await what()
  if (text === '') return false
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text)
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  const before = document.activeElement
  area.value = text
  area.readOnly = true
  area.className = 'sr-only'
  // A dialog takes the focus back from whatever stands outside of it.
  const inside = before?.closest('[role=dialog]') ?? document.body
  inside.append(area)
  area.select()
  try {
    return document.execCommand('copy')
  } catch {
    return false
  } finally {
    area.remove()
    if (before instanceof HTMLElement) before.focus()
  }
}

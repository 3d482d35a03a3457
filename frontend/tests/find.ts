// Finds what a page shows by selectors and text: to compute the roles of a whole page takes jsdom seconds.

type Name = string | RegExp

const fits = (text: string, name: Name) => (typeof name === 'string' ? text === name : name.test(text))
const plain = (node: Element) => (node.textContent ?? '').replace(/\s+/g, ' ').trim()

/** The dialog that is open. */
export function dialog(): HTMLElement {
  const found = document.querySelector<HTMLElement>('[role=dialog]')
  if (!found) throw new Error('no dialog is open')
  return found
}

/** The text of a part of the page, its blanks joined. */
export const said = (node: Element = dialog()) => plain(node)

/** The panel with this title. */
export function panel(title: string): HTMLElement {
  const found = [...document.querySelectorAll('h2')].find((one) => plain(one) === title)?.closest('section')
  if (!found) throw new Error(`no panel "${title}"`)
  return found
}

/** A button by what it says, to those who cannot see it too. */
export function button(name: Name, place: Element = document.body): HTMLButtonElement {
  const all = [...place.querySelectorAll('button')]
  const found = all.find((one) => fits(one.getAttribute('aria-label') ?? plain(one), name))
  if (!found) throw new Error(`no button ${name} among ${all.map(plain).join(' | ')}`)
  return found
}

/** The row of a table whose text fits; undefined when there is none. */
export function row(text: RegExp, place: Element = document.body): HTMLElement | undefined {
  return [...place.querySelectorAll<HTMLElement>('tr, [role=row]')].find((one) => text.test(plain(one)))
}

/** The text of that row. */
export function rowText(text: RegExp, place?: Element): string {
  const found = row(text, place)
  if (!found) throw new Error(`no row ${text}`)
  return plain(found)
}

/** The control with this label. */
export function field(label: Name, place: Element = dialog()): HTMLInputElement {
  const all = [...place.querySelectorAll('label')]
  const found = all.find((one) => fits(plain(one), label))
  const control = found?.querySelector('input, select, textarea') ?? document.getElementById(found?.htmlFor ?? '')
  if (!control) throw new Error(`no field ${label} among ${all.map(plain).join(' | ')}`)
  return control as HTMLInputElement
}

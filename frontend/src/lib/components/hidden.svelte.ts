/** A secret that a person typed, on its way in. Taking it out empties its field: nothing of it stays on the page. */
export class Hidden {
  text = $state('')

  get empty(): boolean {
    return this.text === ''
  }

  /** The text, which is gone here from now on. */
  take(): string {
    const text = this.text
    this.text = ''
    return text
  }
}

import { elementScroll, observeElementOffset, observeElementRect, Virtualizer } from '@tanstack/svelte-virtual'
import { untrack } from 'svelte'

/**
 * Which rows are in sight. It drives the virtualizer itself: the package's store starts anew with its first options
 * whenever nobody is subscribed for a moment, and reading it inside an effect starts that effect again without end.
 */
export class RowWindow {
  #changes = $state(0)
  #size = 0
  #virtual: Virtualizer<HTMLElement, HTMLElement>

  constructor() {
    this.#virtual = new Virtualizer(this.#options(undefined, 0, 1))
  }

  /** The places of the rows to draw, some more than are seen. */
  get places(): number[] {
    void this.#changes
    return this.#virtual.getVirtualIndexes()
  }

  /** So many rows of such a height scroll inside this element. */
  show(scroller: HTMLElement | undefined, count: number, size: number): void {
    this.#virtual.setOptions(this.#options(scroller, count, size))
    this.#virtual._willUpdate()
    if (size !== this.#size) this.#virtual.measure()
    this.#size = size
    this.#changed()
  }

  /** Starts to follow the element; the returned function ends it. */
  watch(): () => void {
    return this.#virtual._didMount()
  }

  #options(scroller: HTMLElement | undefined, count: number, size: number) {
    return {
      count,
      getScrollElement: () => scroller ?? null,
      estimateSize: () => size,
      overscan: 10,
      scrollToFn: elementScroll,
      observeElementRect,
      observeElementOffset,
      onChange: () => this.#changed(),
    }
  }

  #changed(): void {
    untrack(() => (this.#changes += 1))
  }
}

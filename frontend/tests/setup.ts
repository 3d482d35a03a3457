// What jsdom lacks and the page needs.

window.matchMedia ??= (query: string) =>
  ({ matches: false, media: query, addEventListener() {}, removeEventListener() {} }) as unknown as MediaQueryList

class NoResizes {
  observe() {}
  unobserve() {}
  disconnect() {}
}

window.ResizeObserver ??= NoResizes as unknown as typeof ResizeObserver
Element.prototype.animate ??= (() => ({ finished: Promise.resolve(), cancel() {} })) as unknown as Element['animate']

import type { Rows } from './column'

type Source = Pick<Rows<unknown>, 'error' | 'stale' | 'at' | 'busy' | 'refresh'>

/** Rows that come all at once: of an answer that is kept current or, without a source, of one that stays as it is. */
export function whole<T>(data: () => T[] | undefined, source?: Source): Rows<T> {
  return {
    get data() {
      return data()
    },
    get error() {
      return source?.error
    },
    get stale() {
      return source?.stale ?? false
    },
    get at() {
      return source?.at ?? 0
    },
    get busy() {
      return source?.busy ?? false
    },
    loadingMore: false,
    hasMore: false,
    more: () => undefined,
    refresh: () => source?.refresh(),
  }
}

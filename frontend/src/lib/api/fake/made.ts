import { ApiFault } from '../fault'
import type { Receipt } from '../types.gen'

/** Answers a call as the program would: after a while, and not when that method is to fail. */
export type Answer = <T>(method: string, make: () => T) => Promise<T>

export const fault = (kind: string, message: string, field = '') => new ApiFault({ kind, message, ref: '', field })

export const done = (reason = '', status = 'ok'): Receipt => ({ requestId: '', status, reason })

/** The row, or the fault of one that is not there. */
export function found<T>(row: T | undefined, what: string): T {
  if (row === undefined) throw fault('not_found', `there is no ${what}`)
  return row
}

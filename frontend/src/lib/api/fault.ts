import type { Fault } from './types.gen'

/** The one kind of error the api throws. */
export class ApiFault extends Error {
  readonly kind: string
  readonly ref: string
  readonly field: string

  constructor(fault: Fault) {
    super(fault.message)
    this.name = 'ApiFault'
    this.kind = fault.kind
    this.ref = fault.ref
    this.field = fault.field
  }
}

/** Makes a fault of whatever was thrown: JSON text of a fault, an Error, or anything else. */
export function faultOf(thrown: unknown): ApiFault {
  if (thrown instanceof ApiFault) return thrown
  const text = thrown instanceof Error ? thrown.message : typeof thrown === 'string' ? thrown : ''
  return decodeFault(text) ?? new ApiFault({ kind: 'internal', message: text || 'no answer', ref: '', field: '' })
}

/** Reads the JSON text of a fault; undefined when the text is none. */
export function decodeFault(text: string): ApiFault | undefined {
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value !== 'object' || value === null || !('kind' in value)) return undefined
    const fault = value as Record<string, unknown>
    const word = (name: string) => (typeof fault[name] === 'string' ? fault[name] : '')
    return new ApiFault({ kind: word('kind'), message: word('message'), ref: word('ref'), field: word('field') })
  } catch {
    return undefined
  }
}

import { ApiFault, decodeFault } from './fault'
import type { Link, Transport } from './transport'
import type { Hint } from './types.gen'

const slowest = 30_000

/** Calls by POST and hints by WebSocket, both same-origin with the session cookie. */
export function httpTransport(): Transport {
  return { call, listen }
}

async function call<Answer>(service: string, method: string, req: object): Promise<Answer> {
  let answer: Response
  try {
    answer = await fetch(`/api/${service}/${method}`, {
      method: 'POST',
      credentials: 'same-origin',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(req),
      signal: AbortSignal.timeout(slowest),
    })
  } catch (thrown) {
    const late = thrown instanceof DOMException && thrown.name === 'TimeoutError'
    throw new ApiFault({
      kind: late ? 'unknown' : 'unavailable',
      message: late ? 'the program did not answer in 30 s' : 'the program does not answer',
      ref: '',
      field: '',
    })
  }
  if (answer.ok) return (await answer.json()) as Answer
  const text = await answer.text()
  const kind = answer.status === 401 ? 'unauthorized' : 'internal'
  throw (
    decodeFault(text) ?? new ApiFault({ kind, message: `the program answered ${answer.status}`, ref: '', field: '' })
  )
}

/** Keeps one WebSocket, and opens it again when it ends: after 0.5 s, then twice as long, at most 10 s. */
function listen(hint: (hint: Hint) => void, link: (state: Link) => void): () => void {
  let socket: WebSocket | undefined
  let timer: ReturnType<typeof setTimeout> | undefined
  let wait = 500
  let ended = false

  const open = () => {
    socket = new WebSocket(eventsAddress())
    socket.onopen = () => {
      wait = 500
      link('open')
    }
    socket.onmessage = (event) => {
      const read = decodeHint(event.data)
      if (read) hint(read)
    }
    socket.onclose = () => {
      if (ended) return
      link('lost')
      timer = setTimeout(open, wait)
      wait = Math.min(wait * 2, 10_000)
    }
  }

  link('connecting')
  open()
  return () => {
    ended = true
    clearTimeout(timer)
    socket?.close()
  }
}

function eventsAddress(): string {
  const { protocol, host } = window.location
  return `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/api/events`
}

function decodeHint(data: unknown): Hint | undefined {
  try {
    const value = JSON.parse(String(data)) as Partial<Hint>
    if (typeof value.topic !== 'string' || typeof value.seq !== 'number') return undefined
    return { topic: value.topic, seq: value.seq }
  } catch {
    return undefined
  }
}

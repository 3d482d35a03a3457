import type { Api } from '../index'
import type { SessionRow, TokenRow } from '../types.gen'
import type { Answer } from './made'
import { done, fault, found } from './made'
import { at, begin, day, hour, minute } from './seed'

const session = (id: string, browser: string, change: Partial<SessionRow> = {}): SessionRow => ({
  ...{ id, browser, address: '127.0.0.1', signedInAt: at(begin - day), lastSeen: at(begin - minute), current: false },
  ...{ expiresAt: at(begin + 11 * hour) },
  ...change,
})

const browsers = (empty: boolean): SessionRow[] => [
  session('a1b2c3d4', 'Firefox on Linux', { current: true, lastSeen: at(begin) }),
  ...(empty
    ? []
    : [
        session('e5f6a7b8', 'Safari on iOS', { signedInAt: at(begin - 3 * hour), lastSeen: at(begin - 41 * minute) }),
        session('0c9d8e7f', 'Chrome on Windows', { signedInAt: at(begin - 6 * day), lastSeen: at(begin - 9 * hour) }),
      ]),
]

const token = (name: string, scope: string, actor: string, made: number, seen = 0): TokenRow => ({
  ...{ name, scope, actor, createdAt: at(made), lastSeen: seen ? at(seen) : '' },
})

/** The browsers that are signed in and the keys of scripts, made up. */
export function accessFake(answer: Answer, empty: boolean): Pick<Api, 'sessions' | 'tokens'> {
  let sessions = browsers(empty)
  let tokens = empty
    ? []
    : [
        token('grafana', 'read', 'cli', begin - 9 * day, begin - minute),
        token('night-watch', 'trade', 'window', begin - 2 * day),
      ]
  const gone = (n: number) => `${n} ${n === 1 ? 'browser' : 'browsers'} signed out`
  const alone = () => {
    const others = sessions.filter((one) => !one.current).length
    sessions = sessions.filter((one) => one.current)
    return others
  }

  return {
    sessions: {
      list: () => answer('Sessions.List', () => ({ items: sessions })),
      revoke: ({ id }) =>
        answer('Sessions.Revoke', () => {
          found(
            sessions.find((one) => one.id === id),
            `session ${id}`,
          )
          sessions = sessions.filter((one) => one.id !== id)
          return done('the browser is signed out')
        }),
      revokeOthers: () => answer('Sessions.RevokeOthers', () => done(gone(alone()))),
      rotateKey: () =>
        answer('Sessions.RotateKey', () => {
          alone()
          return done('the internal key is another one now; tokens stay as they are')
        }),
    },
    tokens: {
      list: () => answer('Tokens.List', () => ({ items: tokens })),
      create: ({ name, scope }) =>
        answer('Tokens.Create', () => {
          if (!/^[a-z0-9][a-z0-9_-]{0,31}$/.test(name))
            throw fault('invalid', `name: "${name}" is no name: 1 to 32 small letters, digits, - and _`, 'name')
          if (tokens.some((one) => one.name === name))
            throw fault('conflict', `there is a token "${name}" already: revoke it first, or choose another name`)
          tokens = [...tokens, token(name, scope, 'window', begin)]
          return { name, scope, key: 'hoox_made-up-for-tests-only' }
        }),
      revoke: ({ name }) =>
        answer('Tokens.Revoke', () => {
          found(
            tokens.find((one) => one.name === name),
            `token "${name}"`,
          )
          tokens = tokens.filter((one) => one.name !== name)
          return done('whoever holds it is a stranger now')
        }),
    },
  }
}

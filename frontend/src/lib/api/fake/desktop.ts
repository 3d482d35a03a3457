import type { Api } from '../index'
import type { QuitLine, SupportFile } from '../types.gen'
import type { Answer } from './made'
import { done } from './made'
import { at, begin } from './seed'

const line = (kind: string, account: string, what: string, stands: string, after: string): QuitLine => ({
  ...{ kind, account, mode: account.split(':')[1] ?? '', what, stands, after },
})

function stays(mode: string): QuitLine[] {
  return [
    line('position', `bybit:${mode}`, 'long 0.020 BTCUSDT', 'exchange', 'stays open; stop 63000 stands at bybit'),
    line('position', `mexc:${mode}`, 'short 1.5 SOLUSDT', 'none', 'stays open without a stop or a target'),
    line('order', `bybit:${mode}`, 'buy 0.010 BTCUSDT at 60000', 'exchange', 'rests at bybit and may fill'),
  ]
}

const files: SupportFile[] = [
  { name: 'about.txt', why: 'which program this is', text: 'hoox 1.0.0 (commit 1234567890ab)\n' },
  { name: 'hoox.log', why: 'the newest lines of the log', text: '{"msg":"ready"}\n{"msg":"saw •••"}\n' },
]

/** The program as a guest of a computer, made up. */
export function desktopFake(answer: Answer, mode: string, empty: boolean): Pick<Api, 'desktop' | 'support'> {
  return {
    desktop: {
      quitSummary: () =>
        answer('Desktop.QuitSummary', () => ({
          mode,
          items: empty ? [] : stays(mode),
          notes: ['Alerts that come while it does not run are not traded, then or later.'],
          hide: 'tray',
          onClose: 'ask',
        })),
      leave: (req) => answer(`Desktop.Leave ${req.how}`, () => done('', 'accepted')),
      show: () => answer('Desktop.Show', () => done('', 'accepted')),
      about: () =>
        answer('Desktop.About', () => ({
          ...{ version: '1.0.0', commit: '1234567890ab', sqlite: '3.54.1', go: 'go1.26.8', system: 'linux/amd64' },
          ...{ window: true, dataDir: '~/.local/share/hoox' },
          licenses: [{ name: 'SQLite', version: '3.54.1', kind: 'public domain', text: 'No rights reserved.' }],
        })),
      update: () =>
        answer('Desktop.Update', () => ({
          ...{ state: 'off', detail: 'off: nothing is asked', version: '', url: '', checkedAt: '' },
        })),
      checkUpdate: () =>
        answer('Desktop.CheckUpdate', () => ({
          ...{ state: 'current', detail: 'this is the newest version', version: '', url: '', checkedAt: at(begin) },
        })),
    },
    support: {
      preview: () => answer('Support.Preview', () => ({ items: files, digest: '5ba93c9d' })),
      save: (req) =>
        answer(`Support.Save ${req.digest}`, () => ({
          file: '~/.local/share/hoox/support/hoox-support.zip',
          bytes: 2048,
        })),
    },
  }
}

import type { AuditAction, AuditCheck } from '$lib/api'
import { count, title } from '$lib/format/words'

/** Every act in the words of a person, in the order of the filter. */
const deeds: Record<AuditAction, string> = {
  boot: 'Start the program',
  'setting.set': 'Change a setting',
  'kill.set': 'Set trading state',
  'mode.switch': 'Switch the mode',
  'strategy.save': 'Save a strategy',
  'strategy.delete': 'Delete a strategy',
  'position.close': 'Close a position',
  flatten: 'Flatten',
  'order.cancel': 'Cancel an order',
  'order.settle': 'Settle an order',
  'drift.fix': 'Settle a difference',
  'queue.retry': 'Try work again',
  'queue.discard': 'Discard work',
  'queue.requeue': 'Trade an alert anew',
  'alert.send': 'Send a test alert',
  'account.add': 'Add an account',
  'account.enable': 'Switch an account on or off',
  'account.set_up': 'Set an account up',
  'account.test': 'Test an account',
  'account.canary': 'Send a canary order',
  'keys.save': 'Save exchange keys',
  'keys.remove': 'Remove exchange keys',
  'secret.set': 'Set a secret',
  'secret.delete': 'Delete a secret',
  'vault.lock': 'Lock the vault',
  'vault.unlock': 'Unlock the vault',
  'vault.seal': 'Seal the vault another way',
  'vault.rotate': 'Rotate the vault’s key',
  'secret.export': 'Export secrets',
  'secret.import': 'Import secrets',
  'webhook_key.reveal': 'Show the master key',
  'webhook_key.create': 'Make a webhook key',
  'webhook_key.change': 'Change a webhook key',
  'webhook_key.rotate': 'Rotate a webhook key',
  'webhook_key.revoke': 'Revoke a webhook key',
  'internal_key.rotate': 'Rotate the internal key',
  'token.create': 'Make a token',
  'token.revoke': 'Revoke a token',
  'browser.invite': 'Invite a browser',
  'browser.login': 'Sign in',
  'browser.logout': 'Sign out',
  'browser.revoke': 'Sign a browser out',
  backup: 'Back up',
  restore: 'Restore a backup',
  'alarm.acknowledge': 'Acknowledge an alarm',
  'alarm.test': 'Test the alarms',
  'window.leave': 'Leave the window',
  'window.show': 'Show the window',
  'update.check': 'Look for an update',
  'support.collect': 'Look at a support bundle',
  'support.save': 'Save a support bundle',
  'setup.accept': 'Accept the terms',
  'setup.finish': 'Finish the first steps',
  'setup.put_off': 'Put the first steps off',
  'tunnel.confirm': 'Confirm the public address',
  'tunnel.trust': 'Trust a host key',
  'tunnel.forget': 'Forget a host key',
  'tunnel.retry': 'Retry the tunnel',
  'telegram.offer': 'Offer a pairing code',
  'telegram.pair': 'Pair a person',
  'telegram.role': 'Change a person’s role',
  'telegram.remove': 'Remove a person',
  'telegram.test': 'Send a test message',
  'telegram.drop_upload': 'Drop an upload',
  'call.refuse': 'Call this program',
  'alert.refuse': 'Send an alert',
  'message.refuse': 'Write to the bot',
}

const words: Record<string, string> = deeds

/** What somebody did or wanted to do; an act of a newer program is shown as it is. */
export function deedWords(action: string): string {
  return words[action] ?? action
}

export const deedOptions = Object.entries(deeds).map(([value, label]) => ({ value, label }))

/** Who may act, by how their names begin. */
export const whoOptions = [
  { value: 'window', label: 'The window' },
  { value: 'browser', label: 'A browser' },
  { value: 'cli', label: 'The command line' },
  { value: 'token', label: 'A token' },
  { value: 'telegram', label: 'A phone' },
  { value: 'tray', label: 'The tray' },
  { value: 'automatic', label: 'The program by itself' },
  { value: 'stranger', label: 'A stranger' },
  { value: 'a stranger', label: 'A stranger in a chat' },
]

/** Who did it: "window" is the window, "automatic: clock" the program by itself. */
export function whoWords(actor: string): string {
  const [part = '', ...more] = actor.split(': ')
  if (part === 'automatic') return more.length > 0 ? `By itself: ${more.join(': ')}` : 'By itself'
  return { cli: 'Command line', hoox: 'The program' }[actor] ?? title(actor)
}

/** The same in a narrow place: a browser by what it is and a phone by whose it is, without their numbers. */
export function whoShort(actor: string): string {
  const [, kind, name] = /^(browser|telegram) \S+ \((.+)\)$/.exec(actor) ?? []
  return kind ? `${title(kind)}: ${name}` : whoWords(actor)
}

export interface Result {
  word: string
  tone: 'neutral' | 'warn' | 'bad'
  meaning: string
}

const results: Record<string, Result> = {
  done: { word: 'Done', tone: 'neutral', meaning: 'It happened.' },
  refused: {
    word: 'Refused',
    tone: 'warn',
    meaning: 'It did not happen: it was not allowed, or it made no sense.',
  },
  failed: { word: 'Failed', tone: 'bad', meaning: 'It did not happen, or nobody knows whether it did.' },
}

export const resultOptions = Object.entries(results).map(([value, { word }]) => ({ value, label: word }))

export function resultOf(decision: string): Result {
  return results[decision] ?? { word: title(decision), tone: 'neutral', meaning: '' }
}

/** Both sides of a change in one line, "5 → 7"; "" where there are none. */
export function changeWords({ before, after }: { before: string; after: string }): string {
  if (before === '' && after === '') return ''
  return before === '' ? after : `${before} → ${after || '–'}`
}

/** What a broken chain means, line by line: how far it holds, and what is wrong from there on. */
export function breakWords(check: AuditCheck): string[] {
  const first = check.lines + 1
  const holds =
    check.lines === 0
      ? 'No line can be relied on: the chain does not hold from the first on.'
      : `${count(check.lines, 'line')}, ${check.lines === 1 ? 'the first' : `1 to ${check.lines}`}, ${check.lines === 1 ? 'is as it was' : 'are as they were'} written.`
  if (check.line === 0) return [holds, `What was written from line ${first} on is gone from the end of the file.`]
  if (check.line > first) {
    const gone = check.line - 1 === first ? `Line ${first} is` : `Lines ${first} to ${check.line - 1} are`
    return [holds, `${gone} gone: somebody took them out of the file, or it was damaged.`]
  }
  return [
    holds,
    `Line ${check.line} is not as it was written, or was put there by somebody else: what it and the lines after it say cannot be relied on.`,
  ]
}

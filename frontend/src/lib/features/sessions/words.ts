import type { SessionRow } from '$lib/api'

/** "Firefox on Linux, Safari on iOS and 2 more". */
export function browsers(rows: readonly SessionRow[], most = 4): string {
  const names = rows.map((row) => row.browser)
  const shown = names.length > most ? [...names.slice(0, most), `${names.length - most} more`] : names
  return [shown.slice(0, -1).join(', '), shown.at(-1) ?? ''].filter(Boolean).join(' and ')
}

/** Who is shut out when the internal key is another one, line by line. own: this browser, which stays, is one of them. */
export function shutOut(others: readonly SessionRow[], own: boolean, tokens: number): string[] {
  const gone =
    others.length === 0
      ? `No ${own ? 'other ' : ''}browser is signed in, so none is signed out.`
      : `${own ? 'Every other browser is' : 'Every browser is'} signed out at once: ${browsers(others)}.`
  return [
    gone,
    'Programs and scripts that hold the old internal key are refused from then on. hoox commands on this computer read the new one by themselves.',
    tokens === 0 ? 'Alerts come in as before.' : 'Tokens stay as they are, and alerts come in as before.',
  ]
}

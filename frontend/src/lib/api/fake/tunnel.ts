import type { Api } from '../index'
import type { TunnelKind, TunnelState } from '../types.gen'
import type { Answer } from './made'
import { done, fault } from './made'
import { at, begin, hour, minute } from './seed'

/** What the tunnel is made to be. moved: up at another address; stranger, changed: a server whose key waits for a word. */
export type TunnelStory = 'off' | 'starting' | 'up' | 'degraded' | 'down' | 'moved' | 'stranger' | 'changed' | 'quick'

const address = 'https://quiet-harbour-41.example.net'
const unknown =
  'The address of whoever sends is not known here, so the address list cannot apply. The key still counts.'
const known = 'The address of whoever sends comes in a header, and is believed only on connections of this tunnel.'
const quick = 'a quick tunnel has a new address at each start: it is for trying things out; set a hostname and a token'

const kind = (name: string, tls: string, change: Partial<TunnelKind> = {}): TunnelKind => ({
  ...{ kind: name, address: unknown, tls, notLive: '', recipe: '', install: '' },
  ...change,
})

const kindsWith = (hostname: string): TunnelKind[] => [
  kind('cloudflared', 'TLS ends at Cloudflare, which can read alerts, and is renewed from there to this computer.', {
    ...{ address: known, install: '`brew install cloudflared`', notLive: hostname === '' ? quick : '' },
    recipe: hostname && `Your tunnel, public hostnames: hostname ${hostname}, no path, service the local address.\n`,
  }),
  kind('tailscale', 'TLS ends in the Tailscale program on this computer: nobody in between can read alerts.', {
    ...{ address: known, install: 'install Tailscale and sign in' },
  }),
  kind('ngrok', 'TLS ends at ngrok, which can read alerts, and is renewed from there to this computer.', {
    address: known,
  }),
  kind('ssh', 'TLS ends at the proxy on your server. Your server can read alerts.', {
    recipe: `# /etc/caddy/Caddyfile on the server\n${hostname || 'hooks.example.com'} {\n\treverse_proxy 127.0.0.1:8787\n}\n`,
  }),
  kind('command', 'Where TLS ends is up to the command; whoever runs that place can read alerts.'),
  kind('none', 'TLS is up to your own proxy or port.'),
]

const plain: TunnelState = {
  ...{ kind: 'cloudflared', hostname: '', phase: 'up', public: address, local: 'http://127.0.0.1:8789', old: '' },
  ...{ since: at(begin - 26 * hour), next: '', provedAt: at(begin - 15_000), restarts: 0, fix: '', notLive: '' },
  ...{ version: '2026.9.1', program: '/usr/bin/cloudflared', hash: '9f2c'.repeat(16), warnings: [], kinds: [] },
  detail: 'an answer came back through the public address',
  output: [
    'INF Starting tunnel',
    'INF Registered tunnel connection connIndex=0 location=fra07',
    'INF Updated configuration',
  ],
  hostKey: { address: '', type: '', fingerprint: '', known: '' },
}

const waiting = {
  ...{ kind: 'ssh', phase: 'down', public: '', provedAt: '', version: '', program: '', hash: '' },
  ...{ detail: 'the key of the server is not confirmed', fix: 'compare the fingerprint, then trust it here' },
  output: [],
}
const hostKey = {
  ...{ address: 'hooks.example.com:22', type: 'ssh-ed25519', known: '' },
  fingerprint: 'SHA256:uNiVztksCsDhcc0u9e8BgrJXVGDyE5uQ4jkWkN4n3nQ',
}

const stories: Record<TunnelStory, Partial<TunnelState>> = {
  off: { kind: 'none', phase: 'off', public: '', provedAt: '', output: [], detail: 'there is nothing to run' },
  starting: {
    phase: 'starting',
    public: '',
    provedAt: '',
    since: at(begin - 4000),
    detail: 'waiting for a connection',
  },
  up: {},
  degraded: {
    ...{
      phase: 'degraded',
      provedAt: at(begin - 6 * minute),
      detail: 'no answer came back through the public address',
    },
    ...{ since: at(begin - 5 * minute), fix: 'see that the public hostname leads to the local address' },
    warnings: ['the program is older than a year'],
  },
  down: {
    ...{ phase: 'down', public: '', since: at(begin - 2 * minute), next: at(begin + 24_000), restarts: 3 },
    ...{ provedAt: at(begin - 3 * minute), detail: 'cloudflared ended: the token is refused' },
    fix: 'make another token and set it with hoox secret set TUNNEL_CLOUDFLARED_TOKEN',
  },
  moved: { old: 'https://stale-meadow-7.example.net' },
  stranger: { ...waiting, hostKey },
  changed: { ...waiting, hostKey: { ...hostKey, known: 'SHA256:2bqR0m5Wn7yqGm8q1pE3o1H0Zt5vXkq7gJb8cYw4uLs' } },
  quick: { notLive: `this tunnel carries no alerts for real money: ${quick}` },
}

/** The way from the internet to the gateway, made up. */
export function tunnelFake(
  answer: Answer,
  story: TunnelStory,
  setting: (key: string) => string,
  changed: () => void,
): Api['tunnel'] {
  let state: TunnelState = { ...plain, ...stories[story] }
  const kindNow = () => {
    const chosen = setting('tunnel:kind')
    return chosen === 'config' ? state.kind : chosen
  }
  const put = (change: Partial<TunnelState>) => {
    state = { ...state, ...change }
    changed()
    return done()
  }

  return {
    get: () =>
      answer('Tunnel.Get', () => {
        const hostname = setting('tunnel:hostname')
        return { ...state, hostname, kind: kindNow(), kinds: kindsWith(hostname) }
      }),
    confirm: (req) =>
      answer('Tunnel.Confirm', () => {
        if (req.address !== state.public)
          throw fault('conflict', `the public address is "${state.public}" now: set that one in TradingView`)
        return put({ old: '' })
      }),
    trustHost: (req) =>
      answer('Tunnel.TrustHost', () => {
        if (req.fingerprint !== state.hostKey.fingerprint)
          throw fault('conflict', `no server waits with the key ${req.fingerprint}: look at the key that is shown now`)
        if (state.hostKey.known !== '')
          throw fault('conflict', 'another key is known: forget that one first, and only when you know why it changed')
        return put({ hostKey: plain.hostKey, phase: 'starting', detail: 'connecting', fix: '' })
      }),
    forgetHost: () => answer('Tunnel.ForgetHost', () => put(kindNow() === 'ssh' ? { ...waiting, hostKey } : {})),
    retry: () => answer('Tunnel.Retry', () => put({ phase: 'starting', next: '', fix: '', detail: 'starting again' })),
  }
}

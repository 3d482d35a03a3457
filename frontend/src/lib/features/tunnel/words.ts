import type { TunnelState } from '$lib/api'

export interface Standing {
  lamp: 'ok' | 'degraded' | 'down' | 'off' | 'unknown'
  word: string
  /** The answer to the question of the page. */
  answer: string
}

type Stand = Pick<TunnelState, 'phase' | 'provedAt'>

/** How the tunnel is, as a shape, a word and an answer. */
export function standingOf({ phase, provedAt }: Stand): Standing {
  switch (phase) {
    case 'up':
      return provedAt === ''
        ? { lamp: 'ok', word: 'Up', answer: 'It is connected, but nothing has come back through the address yet.' }
        : { lamp: 'ok', word: 'Up', answer: 'Yes: an answer came back through the public address.' }
    case 'starting':
      return { lamp: 'unknown', word: 'Starting', answer: 'Not yet: nothing has come through so far.' }
    case 'degraded':
      return { lamp: 'degraded', word: 'Degraded', answer: 'Perhaps not: alerts may get lost on the way.' }
    case 'down':
      return { lamp: 'down', word: 'Down', answer: 'No: alerts that are sent now are lost.' }
    case 'off':
      return { lamp: 'off', word: 'Off', answer: 'No tunnel runs: only this computer can reach the gateway.' }
    default:
      return { lamp: 'unknown', word: phase || 'Unknown', answer: 'It is not known.' }
  }
}

/** What TradingView has to be given; "" while there is no public address. */
export function webhookOf(address: string): string {
  return address && `${address}/webhook`
}

/** A tunnel is up, or on its way there. */
export function runs({ phase }: Pick<TunnelState, 'phase'>): boolean {
  return phase !== 'off' && phase !== 'down'
}

/** What is cut when the tunnel ends now. */
export function cutWords(now: Pick<TunnelState, 'phase' | 'public'>): string {
  if (!runs(now)) return 'No tunnel is up, so nothing is cut.'
  return `The tunnel that runs ends now${now.public && `, at ${now.public}`}. Alerts that are sent meanwhile are lost; TradingView does not send them again.`
}

/** What becomes of the tunnel when the key of the server is forgotten. */
export function forgetWords(now: Pick<TunnelState, 'phase' | 'kind' | 'public'>): string[] {
  return [
    now.kind === 'ssh' ? cutWords(now) : `Nothing ends: ${kindLabel(now.kind)} does not use this key.`,
    'At the next meeting the server shows its key, and no alert comes in through it until you have confirmed that key.',
  ]
}

export const key = {
  kind: 'tunnel:kind',
  hostname: 'tunnel:hostname',
  address: 'tunnel:ssh_addr',
  user: 'tunnel:ssh_user',
} as const

export type Key = (typeof key)[keyof typeof key]
export type Values = Record<Key, string>

const labels: Record<string, string> = {
  config: 'What config.toml says',
  cloudflared: 'Cloudflare Tunnel',
  tailscale: 'Tailscale Funnel',
  ngrok: 'ngrok',
  ssh: 'Your own server, by SSH',
  command: 'A command of your own',
  none: 'Your own proxy or port',
}

export function kindLabel(kind: string): string {
  return labels[kind] ?? kind
}

const needs: Record<string, string> = {
  cloudflared:
    'cloudflared on this computer; to stay, also a Cloudflare account with a domain. Free but for the domain.',
  tailscale: 'Tailscale on this computer and an account there. Free for one person.',
  ngrok: 'An account at ngrok and its authtoken, no program. Free within limits.',
  ssh: 'A server of yours with a domain and a proxy such as Caddy. Costs what the server costs.',
  command: 'Any program that leads an address here, named in config.toml.',
  none: 'A proxy or an open port of yours, with https. Costs nothing.',
}

/** What a kind needs and costs, in a line. */
export function needsOf(kind: string): string {
  return needs[kind] ?? ''
}

export interface FieldWords {
  key: Key
  label: string
  help: string
  example: string
}

const server: FieldWords[] = [
  {
    key: key.address,
    label: 'Server',
    help: 'Host and port; 22 when left out. Empty leaves it to config.toml.',
    example: 'hooks.example.com:22',
  },
  { key: key.user, label: 'User', help: 'Who logs in there. Empty leaves it to config.toml.', example: 'tunnel' },
]

const hostHelp: Record<string, string> = {
  cloudflared:
    'The hostname of your named tunnel. Empty leaves it to config.toml; named in neither it is a quick tunnel, for trying things out only.',
  ngrok: 'Your own domain at ngrok. Empty leaves it to config.toml; named in neither it is the one of your account.',
  ssh: 'Where your server answers. Empty leaves it to config.toml, and in one of them it is needed.',
  command: 'Empty leaves it to config.toml; named in neither, the pattern there finds it in what the command prints.',
  none: 'Where your proxy answers. Empty leaves it to config.toml; named in neither, nothing from outside comes in.',
  config: 'Empty leaves it to config.toml.',
}

/** The fields that count for a kind. A tailscale has its address of Tailscale. */
export function fieldsOf(kind: string, values: Values): FieldWords[] {
  const help = hostHelp[kind]
  const host =
    help === undefined ? [] : [{ key: key.hostname, label: 'Public address', help, example: 'hooks.example.com' }]
  if (kind === 'ssh') return [...host, ...server]
  // What was set here counts beside config.toml too, so it is never out of sight.
  return kind === 'config' ? [...host, ...server.filter((field) => values[field.key] !== '')] : host
}

export interface Secret {
  name: string
  what: string
}

const secrets: Record<string, Secret[]> = {
  cloudflared: [{ name: 'TUNNEL_CLOUDFLARED_TOKEN', what: 'the token of a named tunnel; a quick tunnel needs none' }],
  ngrok: [{ name: 'TUNNEL_NGROK_AUTHTOKEN', what: 'the authtoken of your account' }],
  ssh: [
    { name: 'TUNNEL_SSH_KEY', what: 'the private key; not when a file or the agent has it' },
    { name: 'TUNNEL_SSH_PASSPHRASE', what: 'what opens that key, when something does' },
  ],
  command: [{ name: 'TUNNEL_COMMAND_TOKEN', what: 'handed over in token_env, when the command wants one' }],
}

/** What the vault must have for a kind. */
export function secretsOf(kind: string): Secret[] {
  return secrets[kind] ?? []
}

/** What stands in config.toml only: what a kind starts is no matter of a window. */
export function fileNote(kind: string): string {
  const also = {
    cloudflared: 'The path of cloudflared and its checksum',
    tailscale: 'The path of tailscale and its checksum',
    ngrok: 'The address of ngrok’s service',
    ssh: 'The key file, the server’s key and where the server listens',
    command: 'The command, its pattern and its token_env',
    none: 'The local address and the header of your proxy',
  }[kind]
  const what = also ?? 'Everything else about the tunnel'
  return `${what} stand${also === undefined || kind === 'ngrok' ? 's' : ''} in config.toml under [tunnel], and only there: no page can make this computer run a program.`
}

/** The changes to be written: of the wanted kind and its own fields. The kind comes last, so that a new one starts with its own address. */
export function changesOf(stored: Values, wanted: Values): { key: Key; value: string }[] {
  return [...fieldsOf(wanted[key.kind], stored).map((field) => field.key), key.kind]
    .filter((one) => stored[one] !== wanted[one].trim())
    .map((one) => ({ key: one, value: wanted[one].trim() }))
}

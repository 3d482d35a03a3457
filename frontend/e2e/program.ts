import { spawn, execFile, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { promisify } from 'node:util'

const file = resolve(process.env.HOOX_PROGRAM ?? '../build/bin/hoox-headless')
const apiKey = 'e2e-webhook-key-0123456789abcdef'

/** What an alert may say; everything else is added by post. */
export interface Alert {
  /** Another key than the master key of this program. */
  apiKey?: string
  exchange?: string
  action: string
  symbol: string
  quantity?: number | string
  strategy?: string
  comment?: string
}

/** What the gateway answered. */
export interface Answer {
  status: number
  body: { success: boolean; requestId: string; code?: string; result?: { status: string } }
}

/** Program is one running `hoox serve` with a data folder of its own, on the paper account and a synthetic market. */
export class Program {
  private constructor(
    readonly gateway: string,
    readonly control: string,
    /** The address that gives a browser its session, once. */
    readonly browser: string,
    private readonly child: ChildProcess,
    private readonly dir: string,
    private readonly stderr: string[],
  ) {}

  /** Everything the program has logged so far. */
  get log(): string {
    return this.stderr.join('')
  }

  /** start runs the program, with more in its environment when something else takes part. */
  static async start(environment: Record<string, string> = {}): Promise<Program> {
    const dir = await mkdtemp(join(tmpdir(), 'hoox-e2e-'))
    const child = spawn(file, ['--data-dir', dir, 'serve', '--listen', '127.0.0.1:0', '--control', '127.0.0.1:0'], {
      env: {
        ...process.env,
        HOOX_PAPER_MARKET: 'synthetic',
        HOOX_SECRET_WEBHOOK_API_KEY: apiKey,
        ...environment,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const stderr: string[] = []
    child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.push(text))
    const line = await firstLine(child).catch(async (cause: unknown) => {
      child.kill('SIGKILL')
      await rm(dir, { recursive: true, force: true })
      throw new Error(`${file} serve did not become ready\n${stderr.join('')}`, { cause })
    })
    const ready = JSON.parse(line) as { event: string; gateway: string; control: string; browser: string }
    return new Program(ready.gateway, ready.control, ready.browser, child, dir, stderr)
  }

  /** The master key. */
  readonly apiKey = apiKey

  /** post sends an alert as TradingView would. */
  async post(alert: Alert): Promise<Answer> {
    return this.send(JSON.stringify({ apiKey, exchange: 'paper', idempotencyKey: crypto.randomUUID(), ...alert }))
  }

  /** send posts a message to the letter. */
  async send(body: string): Promise<Answer> {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${this.gateway}/webhook`, { method: 'POST', headers, body })
    return { status: answer.status, body: (await answer.json()) as Answer['body'] }
  }

  /** cli runs a command of the program beside it and returns its JSON. */
  async cli<T>(...args: string[]): Promise<T> {
    const { stdout } = await promisify(execFile)(file, ['--data-dir', this.dir, ...args, '--json'])
    return JSON.parse(stdout) as T
  }

  /** stop ends the program as Ctrl-C would and returns its exit code. */
  async stop(): Promise<number | null> {
    const ended = new Promise<number | null>((done) => {
      if (this.child.exitCode !== null) done(this.child.exitCode)
      else this.child.once('exit', (code) => done(code))
    })
    this.child.kill('SIGTERM')
    const late = setTimeout(() => this.child.kill('SIGKILL'), 15_000)
    const code = await ended
    clearTimeout(late)
    await rm(this.dir, { recursive: true, force: true })
    return code
  }
}

export function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((done, fail) => {
    const late = setTimeout(() => fail(new Error('no line within 30 s')), 30_000)
    if (!child.stdout) return fail(new Error('no stdout'))
    createInterface({ input: child.stdout }).once('line', (line) => {
      clearTimeout(late)
      done(line)
    })
    child.once('error', fail)
    child.once('exit', (code) => fail(new Error(`exit code ${code}`)))
  })
}

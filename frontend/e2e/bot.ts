import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { firstLine } from './program'

/** What the bot sent to somebody. */
export interface Sent {
  chat: number
  text: string
}

/** Bot is a simulated Bot API: people write to the bot, and what it sends can be read. */
export class Bot {
  private constructor(
    readonly api: string,
    readonly token: string,
    private readonly control: string,
    private readonly child: ChildProcess,
    private readonly dir: string,
  ) {}

  static async start(): Promise<Bot> {
    const dir = await mkdtemp(join(tmpdir(), 'hoox-bot-'))
    const file = join(dir, 'bot')
    await promisify(execFile)('go', ['build', '-o', file, './backend/telegram/telegramsim/serve'], {
      cwd: resolve('..'),
    })
    const child = spawn(file, { stdio: ['ignore', 'pipe', 'inherit'] })
    const ready = JSON.parse(await firstLine(child)) as { api: string; token: string; control: string }
    return new Bot(ready.api, ready.token, ready.control, child, dir)
  }

  /** say has somebody write to the bot. */
  async say(user: number, name: string, text: string): Promise<void> {
    await this.post('say', { user, name, text })
  }

  /** upload has somebody send a picture. */
  async upload(user: number, content: Buffer, caption: string): Promise<void> {
    await this.post('upload', { user, content: content.toString('base64'), caption })
  }

  /** sent is all that the bot sent so far. */
  async sent(): Promise<Sent[]> {
    return (await (await fetch(`${this.control}/control/sent`)).json()) as Sent[]
  }

  async stop(): Promise<void> {
    const ended = new Promise((done) => this.child.once('exit', done))
    this.child.kill('SIGTERM')
    await ended
    await rm(this.dir, { recursive: true, force: true })
  }

  private async post(what: string, body: object): Promise<void> {
    const headers = { 'content-type': 'application/json' }
    const answer = await fetch(`${this.control}/control/${what}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    if (!answer.ok) throw new Error(`${what}: ${answer.status} ${await answer.text()}`)
  }
}

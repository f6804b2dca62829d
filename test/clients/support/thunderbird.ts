import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A headless Thunderbird, driven through Marionette (the protocol of its own tests). */
export class Thunderbird {
  readonly #process: ChildProcess
  readonly #socket: Socket
  readonly #profile: string
  readonly #waiting = new Map<number, (answer: [number, number, unknown, unknown]) => void>()
  #received = Buffer.alloc(0)
  #lastId = 0

  private constructor(process: ChildProcess, socket: Socket, profile: string) {
    this.#process = process
    this.#socket = socket
    this.#profile = profile
    socket.on('data', (chunk) => this.#read(chunk))
  }

  static async start(
    port: number,
    more: Readonly<Record<string, string | number | boolean>> = {},
  ): Promise<Thunderbird> {
    const profile = mkdtempSync(join(tmpdir(), 'homepost-thunderbird-'))
    const preferences = {
      'marionette.port': port,
      'app.update.enabled': false,
      'datareporting.policy.dataSubmissionEnabled': false,
      'network.captive-portal-service.enabled': false,
      'network.connectivity-service.enabled': false,
      'services.settings.server': 'http://127.0.0.1:9/v1',
      'mail.provider.suppress_dialog_on_startup': true,
      ...more,
    }
    const lines = Object.entries(preferences).map(
      ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
    )
    writeFileSync(join(profile, 'user.js'), `${lines.join('\n')}\n`)
    const args = [
      '--headless',
      '--no-remote',
      '--marionette',
      '--remote-allow-system-access',
      '--profile',
      profile,
    ]
    const child = spawn('thunderbird', args, { stdio: 'ignore', env: { ...process.env, HOME: profile } })
    const thunderbird = new Thunderbird(child, await reach(port), profile)
    await thunderbird.#command('WebDriver:NewSession', { acceptInsecureCerts: true })
    await thunderbird.#command('Marionette:SetContext', { value: 'chrome' })
    await thunderbird.#command('WebDriver:SetTimeouts', { script: 120_000 })
    return thunderbird
  }

  /** Runs the body of an async function in Thunderbird itself, with `MailServices` at hand; returns what it returns. */
  async run<T>(body: string, ...args: unknown[]): Promise<T> {
    const script = `
      const args = [...arguments]; const done = args.pop();
      const { MailServices } = ChromeUtils.importESModule('resource:///modules/MailServices.sys.mjs');
      const until = async (look) => { for (let i = 0; i < 600; i++) { const seen = await look(); if (seen) return seen; await new Promise((r) => setTimeout(r, 100)); } throw new Error('waited in vain: ' + look); };
      (async () => { ${body} })().then((value) => done({ value }), (error) => done({ error: String(error) + error.stack }));`
    const { value } = (await this.#command('WebDriver:ExecuteAsyncScript', { script, args })) as {
      value: { value: T; error?: string }
    }
    if (value.error !== undefined) throw new Error(`in Thunderbird: ${value.error}`)
    return value.value
  }

  async stop(): Promise<void> {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve))
    this.#socket.destroy()
    this.#process.kill('SIGKILL')
    await ended
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 5 })
  }

  #command(name: string, parameters: unknown): Promise<unknown> {
    const id = ++this.#lastId
    const text = JSON.stringify([0, id, name, parameters])
    this.#socket.write(`${Buffer.byteLength(text)}:${text}`)
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, ([, , error, result]) =>
        error === null ? resolve(result) : reject(new Error(`${name}: ${JSON.stringify(error)}`)),
      )
    })
  }

  /** Packets are `length:json`; an answer is `[1, id, error, result]`. */
  #read(chunk: Buffer): void {
    this.#received = Buffer.concat([this.#received, chunk])
    for (;;) {
      const colon = this.#received.indexOf(':')
      const length = Number(this.#received.subarray(0, colon))
      if (colon < 0 || this.#received.length < colon + 1 + length) return
      const packet: unknown = JSON.parse(this.#received.subarray(colon + 1, colon + 1 + length).toString())
      this.#received = this.#received.subarray(colon + 1 + length)
      if (Array.isArray(packet))
        this.#waiting.get(Number(packet[1]))?.(packet as [number, number, unknown, unknown])
    }
  }
}

async function reach(port: number): Promise<Socket> {
  for (let attempt = 0; attempt < 600; attempt++) {
    const socket = await new Promise<Socket | undefined>((resolve) => {
      const trying = connect(port, '127.0.0.1')
      trying.once('connect', () => resolve(trying))
      trying.once('error', () => resolve(undefined))
    })
    if (socket) return socket
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error('Thunderbird did not open its Marionette port')
}

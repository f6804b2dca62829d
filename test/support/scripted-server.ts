import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { createSecureContext, TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import type { KeyAndCertificate } from './loopback.ts'

/** One client of a scripted server: the play decides what it hears. */
export class ScriptedPeer {
  #stream: Socket
  #text = ''
  #wake: (() => void) | undefined
  #ended = false
  /** Every line the client said. */
  readonly said: string[] = []

  constructor(stream: Socket) {
    this.#stream = stream
    this.#listen()
  }

  /** The next line; undefined when the client is gone. */
  async line(): Promise<string | undefined> {
    for (;;) {
      const end = this.#text.indexOf('\r\n')
      if (end >= 0) {
        const line = this.#text.slice(0, end)
        this.#text = this.#text.slice(end + 2)
        this.said.push(line)
        return line
      }
      if (this.#ended) return undefined
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
  }

  /** Everything up to the line with a single dot, dots taken out; undefined when the client goes before it. */
  async message(): Promise<string | undefined> {
    const lines: string[] = []
    for (;;) {
      const line = await this.line()
      if (line === undefined) return undefined
      if (line === '.') return lines.map((each) => `${each}\r\n`).join('')
      lines.push(line.startsWith('.') ? line.slice(1) : line)
    }
  }

  /** So many octets, as BDAT announces them. */
  async octets(count: number): Promise<string> {
    while (this.#text.length < count && !this.#ended)
      await new Promise<void>((resolve) => (this.#wake = resolve))
    const octets = this.#text.slice(0, count)
    this.#text = this.#text.slice(count)
    return octets
  }

  say(...lines: readonly string[]): void {
    this.#stream.write(lines.map((line) => `${line}\r\n`).join(''), 'latin1')
  }

  async startTls({ key, certificate }: KeyAndCertificate): Promise<void> {
    this.#stream.removeAllListeners('data').removeAllListeners('close')
    const secureContext = createSecureContext({ key, cert: certificate })
    const tls = new TLSSocket(this.#stream, { isServer: true, secureContext })
    this.#stream = tls
    this.#listen()
    await Promise.race([once(tls, 'secure'), once(tls, 'close')])
  }

  hangUp(): void {
    this.#stream.destroy()
  }

  #listen(): void {
    this.#stream.on('error', () => undefined)
    this.#stream.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1')
      this.#wake?.()
    })
    this.#stream.on('close', () => {
      this.#ended = true
      this.#wake?.()
    })
  }
}

/** A server on loopback that does what the play says, right or wrong. Ends with the test. */
export async function scriptedServer(
  play: (peer: ScriptedPeer, nth: number) => Promise<void>,
): Promise<number> {
  const sockets = new Set<Socket>()
  let nth = 0
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    void play(new ScriptedPeer(socket), nth++)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return (server.address() as AddressInfo).port
}

/**
 * A server without faults: greets with `extensions`, answers each line by the first rule that fits it, and otherwise as
 * RFC 5321 would. Rules give the whole reply; undefined hangs up.
 */
export function playing(
  extensions: readonly string[],
  rules: Readonly<Record<string, string | undefined>> = {},
  heard: { lines: string[]; messages: string[] } = { lines: [], messages: [] },
): (peer: ScriptedPeer) => Promise<void> {
  return async (peer) => {
    peer.say(rules['greeting'] ?? '220 mx.example ESMTP')
    for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
      heard.lines.push(line)
      const reply = ruled(line, rules, usual(line, extensions))
      if (reply === undefined) return peer.hangUp()
      const chunk = /^BDAT (\d+)/.exec(line)
      if (chunk) heard.messages.push(await peer.octets(Number(chunk[1])))
      peer.say(...reply.split('\n'))
      if (reply.startsWith('354') && !(await takeMessage(peer, rules, heard.messages))) return
    }
  }
}

/** The same behind STARTTLS, where there is a certificate to show: `extensions` are offered over TLS, and everybody may sign in. */
export function playingTls(
  shown: KeyAndCertificate | undefined,
  heard: { lines: string[]; messages: string[] },
  extensions: readonly string[] = [],
): (peer: ScriptedPeer) => Promise<void> {
  return async (peer) => {
    let offered = shown ? ['STARTTLS'] : extensions
    peer.say('220 mx.example ESMTP')
    for (let line = await peer.line(); line !== undefined; line = await peer.line()) {
      heard.lines.push(line)
      const reply = ruled(line, { STARTTLS: '220 Go', AUTH: '235 2.7.0 In' }, usual(line, offered))
      peer.say(...(reply ?? '').split('\n'))
      if (line === 'STARTTLS' && shown) {
        await peer.startTls(shown)
        offered = extensions
      }
      if (line === 'DATA' && !(await takeMessage(peer, {}, heard.messages))) return
    }
  }
}

/** The message after DATA, and the answer to it. False when the connection is over. */
async function takeMessage(
  peer: ScriptedPeer,
  rules: Readonly<Record<string, string | undefined>>,
  messages: string[],
): Promise<boolean> {
  const message = await peer.message()
  if (message === undefined) return false
  messages.push(message)
  const end = ruled('end of data', rules, '250 2.0.0 Queued')
  if (end === undefined) {
    peer.hangUp()
    return false
  }
  peer.say(...end.split('\n'))
  return true
}

function ruled(
  line: string,
  rules: Readonly<Record<string, string | undefined>>,
  otherwise: string,
): string | undefined {
  const rule = Object.keys(rules).find((start) => line.startsWith(start))
  return rule === undefined ? otherwise : rules[rule]
}

function usual(line: string, extensions: readonly string[]): string {
  if (/^(?:EHLO|LHLO)/.test(line)) {
    const lines = ['mx.example', ...extensions]
    return lines.map((text, index) => `250${index < lines.length - 1 ? '-' : ' '}${text}`).join('\n')
  }
  if (line.startsWith('DATA')) return '354 Go ahead'
  return line.startsWith('QUIT') ? '221 Bye' : '250 OK'
}

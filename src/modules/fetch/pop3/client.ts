import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { Input } from '../../../platform/wire/input.ts'
import type { Place } from '../reach.ts'
import { type Trouble, troubleOf, troubles } from '../trouble.ts'
import { Unstuffed } from './unstuffed.ts'

/** RFC 2449 §4 has 512; servers with much to say are borne. */
const longestLine = 4096
/** Messages of one mailbox. */
const mostMessages = 500_000
const patienceMs = 60_000
const chunkOctets = 64 * 1024

/** One session. RFC 1939. Throws a `Trouble` where it cannot go on; then the connection is of no use any more. */
export class Pop3Client {
  readonly #place: Place
  #socket: Socket
  #input: Input
  #failure: unknown

  private constructor(place: Place, socket: Socket) {
    this.#place = place
    this.#socket = socket
    this.#input = this.#listen(socket)
  }

  /** At the first address that answers; encrypted unless that server is ours. It hangs up with the signal. */
  static async open(place: Place, isTlsFirst: boolean, signal: AbortSignal): Promise<Pop3Client> {
    let last: unknown
    for (const address of place.addresses) {
      try {
        const client = new Pop3Client(place, await connected(place, address, isTlsFirst, signal))
        await client.#greet(isTlsFirst)
        return client
      } catch (cause) {
        last = troubleOf(cause, place) ?? troubles.odd(place, 'POP3')
      }
    }
    throw last ?? troubles.unreachable(place)
  }

  async signIn(username: string, password: string): Promise<void> {
    // A line end in either would be a command of its own.
    if (/[\r\n\0]/.test(username + password)) throw troubles.password(this.#place, '')
    await this.#expect(`USER ${username}`, (said) => troubles.password(this.#place, said))
    await this.#expect(`PASS ${password}`, (said) =>
      // RFC 2449 §8.1, RFC 3206.
      /\[(?:IN-USE|LOGIN-DELAY|SYS\/TEMP)\]/i.test(said)
        ? troubles.busy(this.#place, said)
        : troubles.password(this.#place, said),
    )
  }

  /** Octets of each message, by its number. */
  async sizes(): Promise<ReadonlyMap<number, number>> {
    const found = new Map<number, number>()
    await this.#expect('LIST', (said) => troubles.busy(this.#place, said))
    for await (const line of this.#lines()) {
      const [, number, size] = /^(\d{1,9}) (\d{1,15})/.exec(line) ?? []
      if (number !== undefined && size !== undefined) found.set(Number(number), Number(size))
      if (found.size > mostMessages) throw troubles.odd(this.#place, 'POP3')
    }
    return found
  }

  /** What the server knows each message by, by its number; undefined where it does not tell. RFC 1939 §7. */
  async names(): Promise<ReadonlyMap<number, string> | undefined> {
    if (!(await this.#ask('UIDL')).isOk) return undefined
    const found = new Map<number, string>()
    for await (const line of this.#lines()) {
      const [, number, name] = /^(\d{1,9}) +([\x21-\x7e]{1,200})/.exec(line) ?? []
      if (number !== undefined && name !== undefined) found.set(Number(number), name)
      if (found.size > mostMessages) throw troubles.odd(this.#place, 'POP3')
    }
    return found
  }

  /** The message must be read to its end, or the connection be closed. */
  async *retrieve(number: number): AsyncIterable<Uint8Array> {
    await this.#expect(`RETR ${number}`, (said) => troubles.busy(this.#place, said))
    const unstuffed = new Unstuffed()
    for (;;) {
      const chunk = this.#input.takeChunk(chunkOctets)
      if (chunk === undefined) {
        await this.#more()
        continue
      }
      const { octets, rest } = unstuffed.push(chunk)
      if (octets.length > 0) yield octets
      if (rest === undefined) continue
      this.#input.giveBack(rest)
      return
    }
  }

  async delete(number: number): Promise<void> {
    await this.#expect(`DELE ${number}`, (said) => troubles.busy(this.#place, said))
  }

  /** What was deleted goes only now. RFC 1939 §6. */
  async quit(): Promise<void> {
    await this.#expect('QUIT', (said) => troubles.busy(this.#place, said))
  }

  close(): void {
    this.#socket.destroy()
  }

  async #greet(isTlsFirst: boolean): Promise<void> {
    const greeting = await this.#reply()
    if (!greeting.isOk) throw troubles.busy(this.#place, greeting.text)
    if (isTlsFirst) return
    // RFC 2595 §4.
    if ((await this.#ask('STLS')).isOk) await this.#startTls()
    else if (!this.#place.isNear) throw troubles.noTls(this.#place)
  }

  async #startTls(): Promise<void> {
    // What was said before belongs to nobody we know.
    if (this.#input.hasUnread) throw troubles.odd(this.#place, 'POP3')
    this.#input.release()
    this.#socket = await secured(this.#place, { socket: this.#socket }, !this.#place.isNear)
    this.#input = this.#listen(this.#socket)
  }

  #listen(socket: Socket): Input {
    socket.setTimeout(patienceMs, () => socket.destroy(Object.assign(new Error(), { code: 'ETIMEDOUT' })))
    socket.on('error', (cause) => {
      this.#failure ??= cause
    })
    const quiet = () => undefined
    return new Input(socket, { waits: quiet, goesOn: quiet, received: quiet }, 'crlf-or-lf')
  }

  async #more(): Promise<void> {
    if (await this.#input.more()) return
    throw troubleOf(this.#failure, this.#place) ?? troubles.cut(this.#place)
  }

  async #expect(command: string, trouble: (said: string) => Trouble): Promise<void> {
    const { isOk, text } = await this.#ask(command)
    if (!isOk) throw trouble(text)
  }

  async #ask(command: string): Promise<{ readonly isOk: boolean; readonly text: string }> {
    this.#socket.write(`${command}\r\n`)
    return await this.#reply()
  }

  async #reply(): Promise<{ readonly isOk: boolean; readonly text: string }> {
    const [, status, text = ''] = /^(\+OK|-ERR)(?: (.*))?$/i.exec(await this.#line()) ?? []
    if (status === undefined) throw troubles.odd(this.#place, 'POP3')
    return { isOk: status.toUpperCase() === '+OK', text }
  }

  async *#lines(): AsyncIterable<string> {
    for (;;) {
      const line = await this.#line()
      if (line === '.') return
      yield line
    }
  }

  async #line(): Promise<string> {
    for (;;) {
      const line = this.#input.takeLine(longestLine)
      if (line?.kind === 'line') return line.bytes.toString('utf8')
      if (line?.kind === 'too-long') throw troubles.odd(this.#place, 'POP3')
      await this.#more()
    }
  }
}

async function connected(
  place: Place,
  address: string,
  isTlsFirst: boolean,
  signal: AbortSignal,
): Promise<Socket> {
  const to = { host: address, port: place.port, signal }
  if (isTlsFirst) return await secured(place, to, true)
  const socket = connect(to)
  await opened(socket, 'connect')
  return socket
}

/** The certificate has to be for the name that people wrote. RFC 9525. */
async function secured(
  { servername }: Place,
  to:
    | { readonly host: string; readonly port: number; readonly signal: AbortSignal }
    | { readonly socket: Socket },
  isChecked: boolean,
): Promise<Socket> {
  const socket = connectTls({
    ...to,
    ...(servername !== undefined && { servername }),
    rejectUnauthorized: isChecked,
  })
  await opened(socket, 'secureConnect')
  return socket
}

async function opened(socket: Socket, event: 'connect' | 'secureConnect'): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const failed = (cause: Error) => reject(cause)
    socket.once('error', failed)
    socket.once('close', () => reject(Object.assign(new Error(), { code: 'ECONNRESET' })))
    socket.setTimeout(patienceMs / 2, () =>
      socket.destroy(
        Object.assign(new Error(), { code: event === 'connect' ? 'ECONNREFUSED' : 'ETIMEDOUT' }),
      ),
    )
    socket.once(event, () => {
      socket.off('error', failed)
      resolve()
    })
  })
}

import { connect, type Socket } from 'node:net'

/** A bare TCP client that reads lines: for what no well-behaved client would say. */
export class RawClient {
  readonly socket: Socket
  #received = ''
  #waiting: (() => void) | undefined
  closed = false

  private constructor(socket: Socket) {
    this.socket = socket
    socket.setEncoding('latin1')
    const wake = () => {
      this.#waiting?.()
      this.#waiting = undefined
    }
    socket.on('data', (chunk: string) => {
      this.#received += chunk
      wake()
    })
    socket.on('close', () => {
      this.closed = true
      wake()
    })
    socket.on('error', () => undefined) // a close follows
  }

  static open(port: number): Promise<RawClient> {
    return new Promise((resolve, reject) => {
      const socket = connect({ port, host: '127.0.0.1', noDelay: true })
      socket.once('error', reject)
      socket.once('connect', () => resolve(new RawClient(socket)))
    })
  }

  get received(): string {
    return this.#received
  }

  /** Resolves with all that came when `pattern` is in it; rejects when the server closes or the time is up. */
  async until(pattern: RegExp, timeoutMs = 30_000): Promise<string> {
    const timer = setTimeout(() => this.socket.destroy(), timeoutMs)
    try {
      for (;;) {
        const hit = pattern.exec(this.#received)
        if (hit) {
          const end = hit.index + hit[0].length
          const seen = this.#received.slice(0, end)
          this.#received = this.#received.slice(end)
          return seen
        }
        if (this.closed) throw new Error(`closed before ${pattern}; got: ${this.#received.slice(-300)}`)
        await new Promise<void>((resolve) => {
          this.#waiting = resolve
        })
      }
    } finally {
      clearTimeout(timer)
    }
  }

  async say(line: string, answer: RegExp): Promise<string> {
    this.socket.write(`${line}\r\n`)
    return await this.until(answer)
  }

  /** Writes with backpressure. */
  async write(data: string | Buffer): Promise<void> {
    if (this.socket.write(data) || this.closed) return
    await new Promise<void>((resolve) => {
      this.socket.once('drain', resolve)
      this.socket.once('close', () => resolve())
    })
  }

  end(): void {
    this.socket.destroy()
  }
}

/** Greets port 25 and gets as far as the open DATA command. */
export async function inData(port: number, recipient: string): Promise<RawClient> {
  const client = await RawClient.open(port)
  await client.until(/^220 .*\r\n/)
  await client.say('EHLO raw.example.org', /250 .*\r\n/)
  await client.say('MAIL FROM:<raw@example.org>', /250 .*\r\n/)
  await client.say(`RCPT TO:<${recipient}>`, /250 .*\r\n/)
  await client.say('DATA', /354 .*\r\n/)
  return client
}

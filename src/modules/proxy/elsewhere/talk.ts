import type { Duplex } from 'node:stream'
import { Input } from '../../../platform/wire/input.ts'
import { type TlsTerms, withTls } from './connect.ts'
import { Unusable } from './unusable.ts'

/** Longer lines say nothing that is needed to sign in. */
const longestLine = 8_192
/** Lines that a server may say until somebody is signed in. */
const mostLines = 500

const nobody = { waits: () => undefined, goesOn: () => undefined, received: () => undefined }

/** What is said with an old server until somebody is signed in there. Text is one character per octet. */
export class Talk {
  #stream: Duplex
  #input: Input
  #lines = 0
  readonly #tls: TlsTerms

  constructor(stream: Duplex, tls: TlsTerms) {
    this.#stream = stream
    this.#input = new Input(stream, nobody, 'crlf-or-lf')
    this.#tls = tls
  }

  /** One line. What would be read as several is refused: names and passwords are anybody's. */
  say(line: string): void {
    if (/[\0\r\n]/.test(line)) throw new Unusable('a name or password has a line end')
    this.#stream.write(`${line}\r\n`)
  }

  async line(): Promise<string> {
    for (;;) {
      const line = this.#input.takeLine(longestLine)
      if (line?.kind === 'too-long' || ++this.#lines > mostLines) throw new Unusable('it says too much')
      if (line) return line.bytes.toString('latin1')
      if (!(await this.#input.more())) throw new Unusable('it closed the connection')
    }
  }

  /** Goes over to TLS; what came in clear text behind the go-ahead is thrown away (RFC 3207 §6). */
  async startTls(): Promise<void> {
    this.#input.release()
    this.#stream = await withTls(this.#stream, this.#tls)
    this.#input = new Input(this.#stream, nobody, 'crlf-or-lf')
  }

  /** Lets go of the stream, with what was read of it and not used. */
  handOver(): { readonly stream: Duplex; readonly early: Uint8Array } {
    const early = this.#input.takeRest()
    this.#input.release()
    return { stream: this.#stream, early }
  }
}

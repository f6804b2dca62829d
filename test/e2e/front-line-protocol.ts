import type { Connection, ConnectionHandler } from '../../src/ports/connection.ts'

/** A small protocol on the front: greets, echoes lines, knows STARTTLS, WHO and QUIT. */
export class LineProtocol implements ConnectionHandler {
  readonly seen: Connection[] = []
  readonly lines: string[] = []
  readonly #bye = new AbortController()

  async serve(connection: Connection): Promise<void> {
    this.seen.push(connection)
    await this.#talk(connection, 'hello\r\n')
  }

  async drain(): Promise<void> {
    this.#bye.abort()
  }

  #talk(connection: Connection, greeting: string): Promise<void> {
    const { stream } = connection
    stream.write(greeting)
    return new Promise((resolve) => {
      let held = ''
      const end = () => {
        stream.off('data', take)
        resolve()
      }
      this.#bye.signal.addEventListener('abort', () => {
        stream.write('bye, the server goes away\r\n')
        end()
      })
      const answer = (line: string) => {
        this.lines.push(line)
        if (line === 'QUIT') {
          stream.write('bye\r\n')
          end()
        } else if (line === 'WHO') {
          stream.write(`${connection.ip} ${connection.port} ${connection.tls?.protocol ?? 'plain'}\r\n`)
        } else if (line === 'STARTTLS') {
          held = ''
          stream.write('go ahead\r\n', () => {
            connection.startTls().then(
              (secured) => this.#talk(secured, '').then(resolve),
              () => end(),
            )
          })
        } else stream.write(`you said ${line}\r\n`)
      }
      const take = (chunk: Buffer) => {
        held += chunk.toString('latin1')
        const parts = held.split('\r\n')
        while (parts.length > 1) {
          const line = parts.shift() ?? ''
          held = parts.join('\r\n')
          answer(line)
          if (line === 'STARTTLS') return
        }
      }
      stream.on('data', take).once('end', end).once('close', end)
    })
  }
}

import { existsSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { type Answer, refused } from './answer.ts'
import { mostRequestBytes } from './most-bytes.ts'
import { personHeader, thisPerson } from './person.ts'
import { controlSocketPath } from './socket-path.ts'
import type { Texts } from './verb.ts'

type Asked = { readonly kind: 'answered'; readonly answer: Answer } | { readonly kind: 'no server' }

/** Asks the server that runs on this data folder. */
export function askServer(dataDir: string, words: string, texts: Texts): Promise<Asked> {
  return ask(dataDir, 'POST', `/${words.replaceAll(' ', '-')}`, JSON.stringify(texts))
}

/** Every verb is done as a whole or not at all, so a second look tells which. */
const cutOff: Asked = {
  kind: 'answered',
  answer: refused('The server ended before it answered. Look whether it was done, and if not, say it again.'),
}

export function askHealth(dataDir: string): Promise<Asked> {
  return ask(dataDir, 'GET', '/health', '')
}

function ask(dataDir: string, method: string, path: string, body: string): Promise<Asked> {
  if (!existsSync(join(dataDir, 'run', 'control.sock'))) return Promise.resolve({ kind: 'no server' })
  if (Buffer.byteLength(body) > mostRequestBytes) {
    const text = `This is more than ${Math.floor(mostRequestBytes / 1e6)} MB, which is too much for a running server. Stop it, and say it again.`
    return Promise.resolve({ kind: 'answered', answer: refused(text) })
  }
  return new Promise((resolve, reject) => {
    const asking = request(
      {
        socketPath: controlSocketPath(dataDir),
        method,
        path,
        agent: false,
        headers: { [personHeader]: encodeURIComponent(thisPerson()) },
      },
      (response) => {
        const chunks: Buffer[] = []
        response.on('data', (chunk: Buffer) => chunks.push(chunk))
        // Killed in the middle of its answer.
        response.on('error', () => resolve(cutOff))
        response.on('end', () => {
          resolve({ kind: 'answered', answer: JSON.parse(Buffer.concat(chunks).toString()) as Answer })
        })
      },
    )
    asking.on('error', (cause: NodeJS.ErrnoException) => {
      // The socket of a server that was killed is still there, and nobody listens.
      if (cause.code === 'ECONNREFUSED' || cause.code === 'ENOENT') resolve({ kind: 'no server' })
      else if (cause.code === 'ECONNRESET' || cause.code === 'EPIPE') resolve(cutOff)
      else reject(cause)
    })
    asking.end(body)
  })
}

import { chmodSync, mkdirSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import type { Log, Service } from '../../ports/runtime.ts'
import { type Answer, refused } from './answer.ts'
import { mostRequestBytes } from './most-bytes.ts'
import { personHeader, usedBy } from './person.ts'
import { controlSocketPath } from './socket-path.ts'
import type { Texts, VerbPorts } from './verb.ts'
import { verbs } from './verbs.ts'

interface ControlOptions {
  readonly dataDir: string
  readonly ports: VerbPorts
  readonly ready: () => boolean
  readonly log: Log
}

/**
 * The door for the command line: HTTP over a Unix socket that only the owner of the data folder may open.
 * `GET /health`, and `POST /VERB` with the texts of its parameters as a JSON object.
 */
export function createControl({ dataDir, ports, ready, log }: ControlOptions): Service {
  const server = createServer((request, response) => {
    void answerTo(request, { ports, ready, log })
      .then(([status, body]) => reply(response, status, body))
      .catch((cause: unknown) => {
        log.error('control.broken', cause)
        reply(
          response,
          500,
          refused('This is a bug in Homepost. The log says more: look for control.broken.'),
        )
      })
  })
  // A backup may take longer than any client on a network should wait.
  server.requestTimeout = 0
  return {
    name: 'control',
    async start() {
      const folder = join(dataDir, 'run')
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      // The folder's lock is ours, so whoever made this socket is gone.
      rmSync(join(folder, 'control.sock'), { force: true })
      const path = controlSocketPath(dataDir)
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(path, resolve)
      })
      chmodSync(path, 0o600)
    },
    async drain() {
      server.closeIdleConnections()
    },
    async stop() {
      if (!server.listening) return
      await new Promise((resolve) => {
        server.close(resolve)
        server.closeAllConnections()
      })
    },
  }
}

type Context = Pick<ControlOptions, 'ports' | 'ready' | 'log'>

async function answerTo(request: IncomingMessage, { ports, ready, log }: Context): Promise<[number, Answer]> {
  if (request.method === 'GET' && request.url === '/health') {
    return ready() ? [200, { kind: 'done', text: 'ready' }] : [503, refused('not ready')]
  }
  const words = decodeURIComponent((request.url ?? '').slice(1)).replaceAll('-', ' ')
  const verb = request.method === 'POST' ? verbs.get(words) : undefined
  if (!verb) return [404, refused('The running server is of another version: it does not know this verb.')]
  const texts = await readTexts(request)
  if (!texts) return [400, refused('The request could not be read.')]
  const person = request.headers[personHeader]
  const answer = await verb.run(usedBy(ports, typeof person === 'string' ? person : undefined), texts)
  log.info('control.verb', {
    verb: words,
    on:
      texts['address'] ?? texts['name'] ?? texts['domain'] ?? texts['user'] ?? texts['id'] ?? texts['folder'],
    result: answer.kind,
  })
  return [200, answer]
}

async function readTexts(request: IncomingMessage): Promise<Texts | undefined> {
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > mostRequestBytes) return undefined
    chunks.push(chunk)
  }
  try {
    const parsed: unknown = JSON.parse(Buffer.concat(chunks).toString())
    if (typeof parsed !== 'object' || parsed === null) return undefined
    return Object.values(parsed).every((value) => typeof value === 'string') ? (parsed as Texts) : undefined
  } catch {
    return undefined
  }
}

function reply(response: ServerResponse, status: number, body: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' })
  response.end(JSON.stringify(body))
}

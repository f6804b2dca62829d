import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { MailServer } from '../server/mail-server.ts'
import { host } from '../server/ports.ts'

/** A POP3 client that costs as little as possible: it looks for the end of each answer and at nothing else. */
export type Pop3Connection = {
  /** One line; rejects unless the server says +OK. */
  readonly say: (line: string) => Promise<void>
  /** Up to the line with a dot; octets of the answer. */
  readonly list: (line: string) => Promise<number>
  /** The same, keeping the text. */
  readonly ask: (line: string) => Promise<string>
  readonly close: () => void
}

type Kind = 'line' | 'list'
type Waiting = {
  readonly kind: Kind
  readonly chunks: Buffer[] | undefined
  octets: number
  /** The last octets of the chunk before: the end may be cut in two. */
  tail: Buffer
  readonly resolve: (answer: { octets: number; text: string }) => void
  readonly reject: (error: Error) => void
}

const end = Buffer.from('\r\n.\r\n')
const minus = 45
const lf = 10

export async function openPop3(server: MailServer, user: string, password: string): Promise<Pop3Connection> {
  const { ports, tls } = server
  const plain = connectPlain({ host, port: tls ? ports.pop3s : ports.pop3, noDelay: true })
  const connection = createConnection(tls ? connectTls({ socket: plain, rejectUnauthorized: false }) : plain)
  await connection.greeted
  await connection.say(`USER ${user}`)
  await connection.say(`PASS ${password}`)
  return connection
}

function createConnection(socket: Socket): Pop3Connection & { readonly greeted: Promise<unknown> } {
  const queue: Waiting[] = []
  const fail = (error: Error): void => {
    for (const waiting of queue.splice(0)) waiting.reject(error)
  }
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('POP3: the connection was closed')))
  socket.on('data', (chunk: Buffer) => {
    let rest: Buffer | undefined = chunk
    while (rest !== undefined && queue[0] !== undefined) rest = take(queue, queue[0], rest)
  })
  const answer = (kind: Kind, keep: boolean): Promise<{ octets: number; text: string }> =>
    new Promise((resolve, reject) => {
      queue.push({ kind, chunks: keep ? [] : undefined, octets: 0, tail: Buffer.alloc(0), resolve, reject })
    })
  const send = (line: string, kind: Kind, keep: boolean): ReturnType<typeof answer> => {
    const answered = answer(kind, keep)
    socket.write(`${line}\r\n`)
    return answered
  }
  return {
    greeted: answer('line', false),
    say: async (line) => void (await send(line, 'line', false)),
    list: async (line) => (await send(line, 'list', false)).octets,
    ask: async (line) => (await send(line, 'list', true)).text,
    close: () => void socket.destroy(),
  }
}

/** What is left of the chunk for the next answer. */
function take(queue: Waiting[], waiting: Waiting, chunk: Buffer): Buffer | undefined {
  if (waiting.octets === 0 && chunk[0] === minus) {
    queue.shift()
    waiting.reject(new Error(`POP3: ${chunk.toString('latin1', 0, 200)}`))
    return undefined
  }
  const length = waiting.kind === 'line' ? chunk.indexOf(lf) + 1 : endOfList(waiting.tail, chunk)
  const isWhole = length > 0
  const piece = isWhole && length < chunk.length ? chunk.subarray(0, length) : chunk
  waiting.octets += piece.length
  waiting.chunks?.push(piece)
  if (!isWhole) {
    waiting.tail = Buffer.concat([waiting.tail, chunk.subarray(-end.length + 1)]).subarray(-end.length + 1)
    return undefined
  }
  queue.shift()
  const { octets, chunks = [] } = waiting
  waiting.resolve({ octets, text: Buffer.concat(chunks).toString('latin1') })
  return length < chunk.length ? chunk.subarray(length) : undefined
}

/** Octets up to the end of the list; 0 where it is not in this chunk. */
function endOfList(tail: Buffer, chunk: Buffer): number {
  if (tail.length > 0) {
    const seam = Buffer.concat([tail, chunk.subarray(0, end.length - 1)]).indexOf(end)
    if (seam >= 0) return seam + end.length - tail.length
  }
  const found = chunk.indexOf(end)
  return found < 0 ? 0 : found + end.length
}

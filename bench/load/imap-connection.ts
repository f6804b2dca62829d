import { connect as connectPlain, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { MailServer } from '../server/mail-server.ts'
import { host } from '../server/ports.ts'

type Answer = {
  /** Bytes of the whole answer, literals included. */
  readonly bytes: number
  /** The answer itself, where `collect` was asked for. */
  readonly text: string
}

/**
 * An IMAP client that costs as little as possible: it looks at the end of what arrives for the tag it waits for, and
 * at nothing else. The tag is long and random, so that no message contains it.
 */
export type ImapConnection = {
  login(user: string, password: string): Promise<void>
  /** Rejects unless the server says OK. */
  command(line: string): Promise<Answer>
  /** The same, keeping the text of the answer. */
  ask(line: string): Promise<string>
  append(mailbox: string, message: Uint8Array, flags?: string): Promise<void>
  /** Enters IDLE; `onData` is called with what the server says from then on. */
  idle(onData?: (text: string) => void): Promise<void>
  close(): void
}

type Waiting = {
  readonly tag: string
  readonly collect: boolean
  readonly chunks: Buffer[]
  bytes: number
  tail: string
  readonly resolve: (answer: Answer) => void
  readonly reject: (error: Error) => void
}

const longestLastLine = 1024
let connections = 0

export function openImap(server: MailServer, from = host): Promise<ImapConnection> {
  connections += 1
  const prefix = `h${connections.toString(36)}${Math.random().toString(36).slice(2, 10)}`
  const { ports, tls } = server
  const plain = connectPlain({
    host,
    port: tls ? ports.imaps : ports.imap,
    localAddress: from,
    noDelay: true,
  })
  const socket = tls ? connectTls({ socket: plain, rejectUnauthorized: false }) : plain
  return greeted(socket).then(() => createConnection(socket, prefix))
}

function greeted(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject)
    socket.once('close', () => reject(new Error('IMAP: closed before the greeting')))
    socket.once('data', (greeting) => {
      socket.removeAllListeners('close')
      if (greeting.toString('latin1', 0, 4) === '* OK') resolve()
      else reject(new Error(`IMAP: greeted with ${greeting.toString('latin1', 0, 200)}`))
    })
  })
}

function createConnection(socket: Socket, prefix: string): ImapConnection {
  // answers come in the order of the commands, so that several may be under way
  const queue: Waiting[] = []
  let number = 0
  let listening: ((text: string) => void) | undefined
  let continued: (() => void) | undefined

  const fail = (error: Error): void => {
    for (const waiting of queue.splice(0)) waiting.reject(error)
  }
  socket.on('error', fail)
  socket.on('close', () => fail(new Error('IMAP: the connection was closed')))
  socket.on('data', (chunk: Buffer) => {
    if (continued !== undefined && chunk[0] === 0x2b) {
      continued()
      continued = undefined
      return
    }
    if (listening !== undefined) {
      listening(chunk.toString('latin1'))
      return
    }
    let rest: Buffer | undefined = chunk
    while (rest !== undefined && queue[0] !== undefined) rest = take(queue, queue[0], rest)
  })

  const send = (line: string, collect: boolean, literal?: Uint8Array): Promise<Answer> =>
    new Promise((resolve, reject) => {
      number += 1
      const tag = `${prefix}.${number}`
      queue.push({ tag, collect, chunks: [], bytes: 0, tail: '\r\n', resolve, reject })
      socket.cork()
      socket.write(`${tag} ${line}\r\n`)
      if (literal !== undefined) {
        socket.write(literal)
        socket.write('\r\n')
      }
      socket.uncork()
    })

  return {
    login: async (user, password) => void (await send(`LOGIN "${user}" "${password}"`, false)),
    command: (line) => send(line, false),
    ask: async (line) => (await send(line, true)).text,
    append: async (mailbox, message, flags = '') =>
      void (await send(`APPEND ${mailbox} ${flags}{${message.length}+}`, false, message)),
    idle: (onData = () => undefined) =>
      new Promise((resolve) => {
        continued = resolve
        listening = onData
        number += 1
        socket.write(`${prefix}.${number} IDLE\r\n`)
      }),
    close: () => socket.destroy(),
  }
}

/** Gives a chunk to the command that waits; returns what belongs to the next one. */
function take(queue: Waiting[], waiting: Waiting, chunk: Buffer): Buffer | undefined {
  // alone, its end is the end of the chunk; with others behind it, its end may be anywhere
  const from = queue.length === 1 ? Math.max(0, chunk.length - longestLastLine) : 0
  const own = (from === 0 ? waiting.tail : '') + chunk.toString('latin1', from)
  const at = own.lastIndexOf(`\r\n${waiting.tag} `)
  const end = at < 0 ? -1 : own.indexOf('\r\n', at + 2)
  const used = end < 0 ? chunk.length : chunk.length - (own.length - end - 2)
  waiting.bytes += used
  if (waiting.collect) waiting.chunks.push(Buffer.from(chunk.subarray(0, used)))
  if (end < 0) {
    waiting.tail = own.slice(-longestLastLine)
    return undefined
  }
  queue.shift()
  const status = own.slice(at + 2 + waiting.tag.length + 1, end)
  if (status.startsWith('OK')) waiting.resolve({ bytes: waiting.bytes, text: textOf(waiting) })
  else waiting.reject(new Error(`IMAP: ${status}`))
  return used < chunk.length ? chunk.subarray(used) : undefined
}

const textOf = (waiting: Waiting): string => Buffer.concat(waiting.chunks).toString('latin1')

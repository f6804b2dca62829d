import { randomBytes, randomInt } from 'node:crypto'
import { createSocket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import { writeMessage } from '../wire/encode.ts'
import { type Message, readMessage } from '../wire/message.ts'
import { type Name, nameToWire } from '../wire/name.ts'
import { type Server, Stream } from './stream.ts'

export interface Asking {
  readonly server: Server
  readonly name: Name
  readonly type: number
  /** Asks the server to resolve for us, and to leave validating to us. */
  readonly recursive: boolean
  readonly edns: boolean
  readonly timeoutMs: number
}

export type Exchanged =
  | { readonly kind: 'message'; readonly message: Message; readonly transport: Transport }
  /** `no-route`: this machine has no way to addresses of this family. */
  | { readonly kind: 'timeout' | 'refused' | 'no-route'; readonly transport: Transport }
type Transport = 'udp' | 'tcp' | 'tls'

/** What fits into one packet everywhere: DNS flag day 2020. */
const udpSize = 1232
/** Packets that do not belong to our question; after these somebody is guessing, and a connection is asked instead. */
const mostStrays = 10

/** Asks one server one question, once. */
export class Exchange {
  readonly #streams = new Map<string, Stream>()
  /** RFC 5452 §5: one question is never outstanding twice, or guessing an answer would become easy. */
  readonly #running = new Map<string, Promise<Exchanged>>()

  ask(asking: Asking): Promise<Exchanged> {
    const { server, name, type, recursive, edns } = asking
    const key = `${server.ip} ${server.port} ${type} ${name} ${recursive} ${edns}`
    const running = this.#running.get(key)
    if (running) return running
    const fresh = this.#ask(asking).finally(() => this.#running.delete(key))
    this.#running.set(key, fresh)
    return fresh
  }

  close(): void {
    for (const stream of this.#streams.values()) stream.close()
    this.#streams.clear()
  }

  async #ask(asking: Asking): Promise<Exchanged> {
    if (asking.server.tlsName !== undefined) return this.#overStream(asking, 'tls')
    const answer = await overUdp(asking)
    // RFC 7766 §5: a truncated answer, or one that may be forged, is asked for again on a connection.
    const again = answer.kind === 'suspicious' || (answer.kind === 'message' && answer.message.truncated)
    return again ? this.#overStream(asking, 'tcp') : (answer as Exchanged)
  }

  #overStream(asking: Asking, transport: Transport): Promise<Exchanged> {
    const stream = this.#stream(asking.server)
    const id = stream.freeId(() => randomInt(65536))
    const { octets, rawName } = written(asking, id)
    return new Promise((resolve) => {
      const timer = setTimeout(() => {
        stream.forget(id)
        resolve({ kind: 'timeout', transport })
      }, asking.timeoutMs)
      stream.ask(id, octets, (message) => {
        clearTimeout(timer)
        const fits = message && isOurs(message, asking, rawName)
        resolve(fits ? { kind: 'message', message, transport } : { kind: 'refused', transport })
      })
    })
  }

  #stream(server: Server): Stream {
    const key = `${server.ip} ${server.port} ${server.tlsName ?? ''}`
    const open = this.#streams.get(key)
    if (open?.usable === true) return open
    const stream = new Stream(server, () => {
      if (this.#streams.get(key) === stream) this.#streams.delete(key)
    })
    this.#streams.set(key, stream)
    return stream
  }
}

/** Each question has its own socket, so its own random port: RFC 5452 §9.2. The system picks it, as RFC 6056 says. */
function overUdp(asking: Asking): Promise<Exchanged | { readonly kind: 'suspicious' }> {
  const { server } = asking
  const id = randomInt(65536)
  const { octets, rawName } = written(asking, id)
  return new Promise((resolve) => {
    const socket = createSocket(isIPv6(server.ip) ? 'udp6' : 'udp4')
    let strays = 0
    const done = (outcome: Exchanged | { readonly kind: 'suspicious' }) => {
      clearTimeout(timer)
      socket.removeAllListeners('message')
      try {
        socket.close()
      } catch {
        // closed already
      }
      resolve(outcome)
    }
    const timer = setTimeout(() => done({ kind: 'timeout', transport: 'udp' }), asking.timeoutMs)
    socket.on('error', (error) => done({ kind: isNoRoute(error) ? 'no-route' : 'refused', transport: 'udp' }))
    socket.on('message', (bytes) => {
      const said = read(bytes, id, asking, rawName)
      if (said === 'other-case') return done({ kind: 'suspicious' })
      if (said) return done({ kind: 'message', message: said, transport: 'udp' })
      if (++strays > mostStrays) done({ kind: 'suspicious' })
    })
    // Connected: packets from elsewhere never come in, and "port unreachable" is heard at once.
    socket.connect(server.port, server.ip, () => socket.send(octets))
  })
}

function read(
  bytes: Uint8Array,
  id: number,
  asking: Asking,
  rawName: Uint8Array,
): Message | 'other-case' | undefined {
  try {
    const message = readMessage(bytes)
    if (message.id !== id) return undefined
    if (isOurs(message, asking, rawName)) return message
    const { question, isResponse } = message
    return isResponse && question?.name === asking.name && question.type === asking.type
      ? 'other-case'
      : undefined
  } catch (cause) {
    if (cause instanceof BadSyntax) return undefined
    throw cause
  }
}

/** RFC 5452 §9.1. A server that cannot read the question may leave it out when it says so. */
function isOurs(message: Message, asking: Asking, rawName: Uint8Array): boolean {
  if (!message.isResponse || message.opcode !== 0) return false
  const { question } = message
  if (!question) return message.rcode !== 0 && message.answer.length === 0
  return (
    question.type === asking.type && question.class === 1 && Buffer.compare(question.rawName, rawName) === 0
  )
}

function written(asking: Asking, id: number): { octets: Buffer; rawName: Uint8Array } {
  const rawName = mixedCase(nameToWire(asking.name))
  const octets = writeMessage({
    id,
    isResponse: false,
    opcode: 0,
    authoritative: false,
    truncated: false,
    recursionDesired: asking.recursive,
    recursionAvailable: false,
    authenticated: false,
    checkingDisabled: asking.recursive,
    rcode: 0,
    question: { rawName, type: asking.type },
    ...(asking.edns ? { edns: { udpSize, dnssecOk: true } } : {}),
  })
  return { octets, rawName }
}

/** Random case of letters: an answer must repeat it, and a forger would have to guess it (draft-vixie-dnsext-dns0x20). */
function mixedCase(wire: Buffer): Buffer {
  const coins = randomBytes(wire.length)
  for (const [at, octet] of wire.entries()) {
    const isLetter = octet >= 0x61 && octet <= 0x7a
    if (isLetter && (coins[at] ?? 0) & 1) wire[at] = octet - 0x20
  }
  return wire
}

function isNoRoute(error: Error & { code?: string }): boolean {
  return ['ENETUNREACH', 'EADDRNOTAVAIL', 'EAFNOSUPPORT', 'EHOSTUNREACH', 'EINVAL'].includes(error.code ?? '')
}

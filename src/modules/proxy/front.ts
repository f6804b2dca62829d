import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type Networks, privateNetworks } from '../../lib/networks.ts'
import type { ConnectionHandler, ListenerName } from '../../ports/connection.ts'
import type { Clock, Log, Meter } from '../../ports/runtime.ts'
import type { WebHandler } from '../../ports/web.ts'
import { answerChallenge } from './acme/answer-challenge.ts'
import type { Challenges } from './acme/challenges.ts'
import type { Admission } from './admission.ts'
import { alarm } from './alarm.ts'
import type { Certificates } from './certificates.ts'
import { canonicalAddress } from './client-address.ts'
import { factsOf, handshake, ignore } from './handshake.ts'
import type { HttpEntrance } from './http-entrance.ts'
import type { Occasionally } from './occasionally.ts'
import { readProxyHeader } from './read-header.ts'
import { type Refusal, refusalLine } from './refusal.ts'
import type { ListenerSettings, ProxySettings } from './settings.ts'
import type { Showing } from './shelf.ts'
import { type Client, discardClearText, type Secured, Visit } from './visit.ts'

/** What speaks HTTP on the listeners of these names. */
export type WebHandlers = Readonly<Partial<Record<ListenerName, WebHandler>>>

export type MailHandlers = Readonly<Partial<Record<ListenerName, ConnectionHandler>>>

export interface FrontParts {
  readonly handlers: MailHandlers
  readonly http: HttpEntrance
  readonly webs: WebHandlers
  readonly admission: Admission
  readonly certificates: Certificates | undefined
  readonly challenges: Challenges | undefined
  readonly trusted: Networks
  readonly settings: Pick<ProxySettings, 'hostname' | 'permissiveSmtp'>
  readonly limits: { readonly handshakeMs: number; readonly proxyHeaderMs: number }
  readonly clock: Clock
  readonly log: Log
  readonly occasionally: Occasionally
  readonly meter: Meter
}

/** A client that says goodbye to nobody gets this long to read the last words. */
const lastWordsMs = 5000
const refusalMs = 1000
const endMs = 1000
/** More refusals at once than this are not worth their words. */
const politeRefusals = 64
/** A client that closed its side and reads nothing for so long has gone. */
const halfClosedMs = 60_000

/** Receives every socket: counts it, learns whose it is, secures it, and hands it to its protocol. */
export class Front {
  readonly #parts: FrontParts
  readonly #sockets = new Set<Socket>()
  /** Of those, the ones whose protocol is done. */
  readonly #parting = new Set<Socket>()
  /** Ids of one run of the server begin alike. */
  readonly #run = randomInt(36 ** 3, 36 ** 4).toString(36)
  #count = 0
  #refusing = 0

  constructor(parts: FrontParts) {
    this.#parts = parts
  }

  /** Everything a new socket goes through, in order. */
  receive(socket: Socket, listener: ListenerSettings): void {
    socket.on('error', ignore)
    const ip = socket.remoteAddress === undefined ? '' : canonicalAddress(socket.remoteAddress)
    if (ip === '') return void socket.destroy() // left before it was looked at
    const arrived = this.#parts.admission.arrive(listener.name, ip)
    if (arrived !== 'in') {
      this.#refuse(socket, listener, arrived, ip)
      return
    }
    this.#sockets.add(socket)
    socket.once('close', () => {
      this.#sockets.delete(socket)
      this.#parts.admission.leave()
    })
    this.#parts.meter.count('connections_total', { listener: listener.name })
    this.#welcome(socket, listener, ip).catch((cause: unknown) => {
      socket.destroy()
      this.#failed(listener, ip, cause)
    })
  }

  /** Ends whatever is still open; those that were told goodbye get a moment to read it. */
  async end(): Promise<void> {
    for (const socket of this.#sockets) if (!this.#parting.has(socket)) socket.destroy()
    const enough = new AbortController()
    const read = Promise.all([...this.#parting].map((socket) => once(socket, 'close')))
    await Promise.race([read, this.#parts.clock.sleep(endMs, enough.signal)])
    enough.abort()
    for (const socket of this.#parting) socket.destroy()
  }

  async #welcome(socket: Socket, listener: ListenerSettings, peerIp: string): Promise<void> {
    const client = await this.#identify(socket, listener, peerIp)
    if (client === undefined || socket.destroyed) return
    if (listener.isInner && !privateNetworks.has(client.ip)) {
      this.#reportRefusal(listener, 'not-from-here', client.ip)
      return void socket.destroy()
    }
    const claim = this.#parts.admission.claim(client.ip)
    if (claim === 'crowded') return this.#refuse(socket, listener, claim, client.ip)
    socket.once('close', () => claim.release())
    if (listener.name === 'https' && (await this.#provesName(socket))) return
    const secured = listener.tls === 'implicit' ? await this.#secure(socket, listener) : undefined
    this.#parts.log.debug('connection.open', {
      connection: client.id,
      listener: listener.name,
      ip: client.ip,
      tls: secured?.tls.protocol,
    })
    const web = this.#parts.webs[listener.name]
    if (web !== undefined) {
      return this.#parts.http.take(secured?.stream ?? socket, {
        client,
        web,
        encrypted: secured !== undefined,
        direct: !listener.proxyProtocol,
      })
    }
    await this.#serve(socket, listener, client, secured)
  }

  /** Undefined where somebody else than a trusted proxy came to a listener that is for proxies. */
  async #identify(socket: Socket, listener: ListenerSettings, ip: string): Promise<Client | undefined> {
    const { trusted, clock, limits } = this.#parts
    const own = { ip, port: socket.remotePort ?? 0 }
    let source = own
    if (listener.proxyProtocol) {
      if (!trusted.has(ip)) {
        this.#reportRefusal(listener, 'not-a-trusted-proxy', ip)
        socket.destroy()
        return undefined
      }
      source = (await readProxyHeader(socket, clock, limits.proxyHeaderMs)) ?? own
    }
    this.#count += 1
    return { id: `${this.#run}-${this.#count.toString(36)}`, listener: listener.name, ...source }
  }

  async #serve(
    socket: Socket,
    listener: ListenerSettings,
    client: Client,
    secured: Secured | undefined,
  ): Promise<void> {
    const handler = this.#parts.handlers[listener.name]
    if (handler === undefined) throw new Error(`no protocol serves the listener ${listener.name}`)
    let stream: Duplex = secured?.stream ?? socket
    const mayUpgrade = listener.tls === 'starttls' && this.#parts.certificates !== undefined
    const upgrade = async () => {
      discardClearText(socket)
      const upgraded = await this.#secure(socket, listener)
      stream = upgraded.stream
      this.#limitHalfClosed(stream, socket)
      return upgraded
    }
    this.#limitHalfClosed(stream, socket)
    const visit = new Visit({ client, stream, tls: secured?.tls, upgrade: mayUpgrade ? upgrade : undefined })
    try {
      await handler.serve(visit)
    } catch (cause) {
      this.#parts.log.error('connection.failed', cause, { connection: client.id, listener: listener.name })
    }
    this.#part(socket, stream)
  }

  /**
   * The last words go out and the client closes after reading them. What it still sends is read away: a close with unread
   * octets would be a reset that outruns the words.
   */
  #part(socket: Socket, stream: Duplex): void {
    if (socket.destroyed) return
    const silence = alarm(this.#parts.clock, lastWordsMs, () => socket.destroy())
    this.#parting.add(socket)
    socket.once('close', () => {
      this.#parting.delete(socket)
      silence()
    })
    stream.removeAllListeners('data').removeAllListeners('readable')
    stream.resume().end()
  }

  #limitHalfClosed(stream: Duplex, socket: Socket): void {
    stream.once('end', () => {
      if (stream instanceof Socket) stream.setTimeout(halfClosedMs, () => socket.destroy())
    })
  }

  /** RFC 8737 §3: an authority looks whether a name is ours; true where that was all. */
  async #provesName(socket: Socket): Promise<boolean> {
    const { challenges, clock, limits } = this.#parts
    if (challenges?.awaitsGreeting !== true) return false
    return await answerChallenge(socket, { challenges, clock, ms: limits.handshakeMs })
  }

  async #secure(socket: Socket, listener: ListenerSettings): Promise<Secured> {
    const { certificates, clock, limits, settings, meter } = this.#parts
    if (certificates === undefined) throw new Error(`${listener.name}: no certificate`)
    const { shelf } = certificates
    const smtp = listener.name === 'smtp'
    const showing: Showing = {
      profile: smtp && settings.permissiveSmtp ? 'permissive' : 'intermediate',
      chain: smtp ? 'complete' : 'as given',
    }
    try {
      const stream = await handshake(socket, {
        context: shelf.context(showing),
        contextFor: shelf.hasSeveral ? (name) => shelf.context(showing, name) : undefined,
        alpn: listener.name === 'https' ? ['h2', 'http/1.1'] : undefined,
        clock,
        ms: limits.handshakeMs,
      })
      const tls = factsOf(stream)
      meter.count('tls_handshakes_total', { listener: listener.name, outcome: tls.protocol })
      return { stream, tls }
    } catch (cause) {
      meter.count('tls_handshakes_total', { listener: listener.name, outcome: 'failed' })
      throw cause
    }
  }

  #refuse(socket: Socket, listener: ListenerSettings, why: Refusal, ip: string): void {
    this.#reportRefusal(listener, why, ip)
    if (listener.tls === 'implicit' || this.#refusing >= politeRefusals) return void socket.destroy()
    this.#refusing += 1
    const silence = alarm(this.#parts.clock, refusalMs, () => socket.destroy())
    socket.once('close', () => {
      this.#refusing -= 1
      silence()
    })
    // what the client sent is read away, or its close would be a reset that outruns the line
    socket.resume().end(refusalLine(listener.name, why, this.#parts.settings.hostname))
  }

  #reportRefusal(
    listener: ListenerSettings,
    why: Refusal | 'not-a-trusted-proxy' | 'not-from-here',
    ip: string,
  ): void {
    this.#parts.meter.count('connections_refused_total', { listener: listener.name, reason: why })
    this.#parts.occasionally.warn('connection.refused', why, { listener: listener.name, reason: why, ip })
  }

  /** What strangers do on the way in is not worth more than a line for those who look for it. */
  #failed(listener: ListenerSettings, ip: string, cause: unknown): void {
    const reason = cause instanceof Error ? cause.message : String(cause)
    this.#parts.meter.count('connections_failed_total', { listener: listener.name })
    this.#parts.log.debug('connection.not-begun', { listener: listener.name, ip, reason })
  }
}

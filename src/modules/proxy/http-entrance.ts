import { createServer, type IncomingMessage, type Server, ServerResponse } from 'node:http'
import type { Http2ServerRequest } from 'node:http2'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { TLSSocket } from 'node:tls'
import { getRequestListener, RequestError } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Networks } from '../../lib/networks.ts'
import type { Clock, Log } from '../../ports/runtime.ts'
import type { WebClient, WebHandler } from '../../ports/web.ts'
import type { Challenges } from './acme/challenges.ts'
import { canonicalAddress } from './client-address.ts'
import { ignore } from './handshake.ts'
import { Http2Sessions } from './http2-sessions.ts'
import { hasLeft, type Outgoing, sendAnswer } from './send-answer.ts'
import { type Ahead, Tunnels } from './tunnels.ts'
import type { Client } from './visit.ts'

interface HttpParts {
  readonly trusted: Networks
  readonly realIpHeader: string | undefined
  /** RFC 8555 §8.3; undefined where no authority is asked. */
  readonly challenges: Pick<Challenges, 'proofAt'> | undefined
  readonly clock: Clock
  readonly log: Log
}

interface Peer {
  readonly client: Client
  readonly web: WebHandler
  readonly encrypted: boolean
  /** The socket's own address, and no PROXY header spoke for another. */
  readonly direct: boolean
}

type Asked = IncomingMessage | Http2ServerRequest

/** A proxy adds one of these for a stranger it speaks for. */
const forwardingHeaders = ['x-forwarded-for', 'forwarded', 'x-real-ip'] as const
const endWithinMs = 2000

/** HTTP on the sockets of the front. It opens no port of its own. */
export class HttpEntrance {
  readonly #parts: HttpParts
  readonly #server: Server
  readonly #peers = new WeakMap<Duplex, Peer>()
  readonly #sessions: Http2Sessions<Peer>
  /** Of a request of HTTP/2: it has no socket of its own. */
  readonly #askers = new WeakMap<object, Peer>()
  readonly #tunnels: Tunnels
  /** Requests for a WebSocket. */
  readonly #ahead = new WeakMap<object, Pick<Ahead, 'socket' | 'head'>>()

  constructor(parts: HttpParts) {
    this.#parts = parts
    this.#tunnels = new Tunnels(parts)
    const listener = getRequestListener(
      (request, { incoming, outgoing }) => this.#answer(request, incoming, outgoing),
      {
        overrideGlobalObjects: false,
        errorHandler: (cause) => {
          if (cause instanceof RequestError) return new Response('Bad request\n', { status: 400 })
          parts.log.error('http.failed', cause)
          return new Response('Something went wrong here.\n', { status: 500 })
        },
      },
    )
    // An answer that cannot be written concerns nobody but who waits for it.
    const answer = async (...[incoming, outgoing]: Parameters<typeof listener>) => {
      await listener(incoming, outgoing).catch((cause: unknown) => {
        parts.log.error('http.failed', cause)
        outgoing.destroy()
      })
    }
    this.#server = createServer(
      {
        headersTimeout: 15_000,
        requestTimeout: 300_000,
        keepAliveTimeout: 15_000,
        maxHeaderSize: 16_384,
        shouldUpgradeCallback: (incoming) => this.#wantsWebSocket(incoming),
      },
      (incoming, outgoing) => {
        // RFC 9112 §3.3: HTTP/1.0 need not say where it came to.
        incoming.headers.host ||= hostOf(incoming)
        void answer(incoming, outgoing)
      },
    )
    this.#server.on('upgrade', (incoming: IncomingMessage, _socket: Duplex, head: Buffer) => {
      const { socket } = incoming
      socket.on('error', ignore)
      this.#ahead.set(incoming, { socket, head })
      const outgoing = new ServerResponse(incoming)
      outgoing.shouldKeepAlive = false
      outgoing.assignSocket(socket)
      outgoing.once('finish', () => socket.destroySoon())
      void answer(incoming, outgoing)
    })
    this.#sessions = new Http2Sessions({
      clock: parts.clock,
      answer: (incoming, outgoing, peer) => {
        this.#askers.set(incoming, peer)
        void answer(incoming, outgoing)
      },
    })
  }

  take(stream: Duplex, peer: Peer): void {
    if (stream instanceof TLSSocket && stream.alpnProtocol === 'h2') {
      this.#sessions.take(stream, peer)
      return
    }
    this.#peers.set(stream, peer)
    this.#server.emit('connection', stream)
  }

  get tunnels(): number {
    return this.#tunnels.open
  }

  /** Closes what waits for a next request, and gives the requests at hand a moment to end. */
  async end(): Promise<void> {
    this.#server.closeIdleConnections()
    this.#tunnels.end()
    const enough = new AbortController()
    const ended = new Promise<void>((resolve) => {
      this.#server.close(() => resolve())
    })
    const both = Promise.all([ended, this.#sessions.close()])
    await Promise.race([both, this.#parts.clock.sleep(endWithinMs, enough.signal)])
    enough.abort()
    this.#server.closeAllConnections()
    this.#sessions.destroy()
  }

  /** Written by us: the listener's own way tells what fails to whoever waits, and to stderr. */
  async #answer(request: Request, incoming: Asked, outgoing: Outgoing): Promise<Response> {
    const { log } = this.#parts
    const whole = await this.#answerTo(request, incoming).catch((cause: unknown) => {
      if (!hasLeft(outgoing)) log.error('http.failed', cause)
      return new Response('Something went wrong here.\n', { status: 500 })
    })
    if (whole === RESPONSE_ALREADY_SENT) return whole
    const sent = await sendAnswer(whole, outgoing)
    if (sent.kind === 'broken') log.error('http.failed', sent.cause)
    return RESPONSE_ALREADY_SENT
  }

  async #answerTo(request: Request, incoming: Asked): Promise<Response> {
    const peer = this.#peerOf(incoming)
    const proof = this.#parts.challenges?.proofAt(incoming.url ?? '')
    if (proof !== undefined)
      return new Response(proof, { headers: { 'content-type': 'application/octet-stream' } })
    const client = this.#clientOf(incoming, peer)
    const ahead = this.#ahead.get(incoming)
    return ahead
      ? this.#lead(request, client, { ...ahead, ip: client.ip, web: peer.web })
      : peer.web.fetch(request, client)
  }

  // RFC 9110 §7.8: whoever wants to speak something else (h2c, say) is answered in HTTP.
  #wantsWebSocket(incoming: IncomingMessage): boolean {
    const wants = incoming.method === 'GET' && incoming.headers.upgrade?.toLowerCase() === 'websocket'
    return wants && this.#peerOf(incoming).web.lead !== undefined
  }

  async #lead(request: Request, client: WebClient, ahead: Ahead): Promise<Response> {
    const onward = await ahead.web.lead?.(request, client)
    if (!onward || onward instanceof Response) return onward ?? new Response(null, { status: 501 })
    return (await this.#tunnels.lead(onward, ahead)) ?? RESPONSE_ALREADY_SENT
  }

  #peerOf(incoming: Asked): Peer {
    const peer = this.#askers.get(incoming) ?? this.#peers.get(incoming.socket)
    if (peer === undefined) throw new Error('a request on a socket that is not of the front')
    return peer
  }

  #clientOf({ headers }: Asked, peer: Peer): WebClient {
    const { trusted, realIpHeader } = this.#parts
    const believed = trusted.has(peer.client.ip)
    const told =
      believed && realIpHeader !== undefined ? lastAddress(headers[realIpHeader.toLowerCase()]) : undefined
    return {
      connectionId: peer.client.id,
      ip: told ?? peer.client.ip,
      peer: peer.client.ip,
      secure: peer.encrypted || (believed && headers['x-forwarded-proto'] === 'https'),
      loopback:
        peer.direct &&
        isLoopback(peer.client.ip) &&
        forwardingHeaders.every((name) => headers[name] === undefined),
    }
  }
}

function hostOf({ socket: { localAddress = '', localPort } }: IncomingMessage): string {
  const address = canonicalAddress(localAddress)
  return `${isIP(address) === 6 ? `[${address}]` : address}:${localPort}`
}

/** Each proxy adds the address it saw at the end of the list; only the last one is known to be true. */
function lastAddress(header: string | string[] | undefined): string | undefined {
  const last = [header ?? ''].flat().join(',').split(',').at(-1)?.trim() ?? ''
  return isIP(last) === 0 ? undefined : canonicalAddress(last)
}

function isLoopback(ip: string): boolean {
  return ip === '::1' || ip.startsWith('127.')
}

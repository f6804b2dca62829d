import {
  constants,
  createServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type Http2Session,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { Duplex } from 'node:stream'
import type { Clock } from '../../ports/runtime.ts'
import { alarm } from './alarm.ts'
import { ignore } from './handshake.ts'

interface Http2Parts<Peer> {
  readonly clock: Clock
  /** A request with the `Host` that HTTP/1.1 would have, whatever its client sent. */
  readonly answer: (incoming: Http2ServerRequest, outgoing: Http2ServerResponse, peer: Peer) => void
}

/** Octets of a request's fields; the setting of this name binds a client that has confirmed it. */
const headerOctets = 16_384
const settingsMs = 15_000
const idleMs = 60_000
/** What a request may take to arrive, and how long nothing of its answer may move. As with HTTP/1.1 */
const requestMs = 300_000
const farewellMs = 5000
/** PING and SETTINGS between two requests: each wants an answer, and no browser comes near. */
const mostBusywork = 1000

/** RFC 9113, on sockets that were taken and secured by the front. */
export class Http2Sessions<Peer> {
  readonly #parts: Http2Parts<Peer>
  readonly #server
  readonly #peers = new Map<Http2Session, Peer>()

  constructor(parts: Http2Parts<Peer>) {
    this.#parts = parts
    this.#server = createServer({
      settings: { maxConcurrentStreams: 100, maxHeaderListSize: headerOctets },
      maxHeaderListPairs: 128,
      maxSettings: 16,
      maxSessionInvalidFrames: 100,
      maxSessionRejectedStreams: 100,
      // CVE-2023-44487: whoever asks and takes it back, and again, is sent away
      streamResetBurst: 200,
      streamResetRate: 20,
    })
    this.#server.on('request', (incoming, outgoing) => this.#asked(incoming, outgoing))
    // Their session has ended; nobody else is concerned.
    this.#server.on('sessionError', ignore)
  }

  take(stream: Duplex, peer: Peer): void {
    if (stream.destroyed) return
    // Its session is there when `emit` returns.
    this.#server.once('session', (session) => this.#begin(session, stream, peer))
    this.#server.emit('connection', stream)
    this.#server.removeAllListeners('session')
  }

  /** Tells all to ask for no more; resolves when what they have asked is answered. */
  async close(): Promise<void> {
    await Promise.all(
      [...this.#peers.keys()].map((session) => new Promise<void>((resolve) => session.close(resolve))),
    )
  }

  destroy(): void {
    for (const session of this.#peers.keys()) session.destroy()
  }

  #begin(session: ServerHttp2Session, stream: Duplex, peer: Peer): void {
    const { clock } = this.#parts
    this.#peers.set(session, peer)
    const patience = new Patience(clock, () => this.#part(session, stream))
    // RFC 9113 §6.5.3: a client that does not confirm what we told it is bound by none of it
    const confirmed = alarm(clock, settingsMs, () => end(session, constants.NGHTTP2_SETTINGS_TIMEOUT))
    session.once('localSettings', confirmed)
    // Whoever speaks no more hears no more either: its requests end with it, not when they have waited for long enough
    stream.once('end', () => stream.destroy())
    session.once('close', () => {
      this.#peers.delete(session)
      confirmed()
      patience.end()
      stream.destroy()
    })
    let busywork = 0
    const isBusy = () => {
      busywork += 1
      if (busywork > mostBusywork) end(session, constants.NGHTTP2_ENHANCE_YOUR_CALM)
    }
    session.on('ping', isBusy).on('remoteSettings', isBusy)
    session.on('stream', (asked: ServerHttp2Stream) => {
      busywork = 0
      patience.more()
      asked.once('close', () => patience.less())
      this.#limit(asked)
    })
  }

  #limit(asked: ServerHttp2Stream): void {
    const cancel = () => asked.close(constants.NGHTTP2_CANCEL)
    asked.setTimeout(requestMs, cancel)
    if (asked.endAfterHeaders) return
    const arrived = alarm(this.#parts.clock, requestMs, cancel)
    asked.once('end', arrived).once('close', arrived)
  }

  #part(session: ServerHttp2Session, stream: Duplex): void {
    session.close()
    const gone = alarm(this.#parts.clock, farewellMs, () => stream.destroy())
    stream.once('close', gone)
  }

  #asked(incoming: Http2ServerRequest, outgoing: Http2ServerResponse): void {
    const { session } = incoming.stream
    const peer = session && this.#peers.get(session)
    // Taken back before we looked: nobody waits for an answer.
    if (peer === undefined || incoming.stream.destroyed) return
    // Else its body would end as if it were whole: half a form is none.
    incoming.on('error', ignore).once('aborted', () => incoming.destroy(new Error('The client has left.')))
    const { rawHeaders, headers, authority } = incoming
    if (rawHeaders.reduce((octets, text) => octets + text.length, 0) > headerOctets)
      return void outgoing.writeHead(431).end()
    // RFC 9113 §8.3.1: the authority is who was meant; a Host that says otherwise is malformed
    if (headers.host !== undefined && headers.host !== authority) return void outgoing.writeHead(400).end()
    if (headers.host === undefined && authority !== '') {
      headers.host = authority
      rawHeaders.push('host', authority)
    }
    this.#parts.answer(incoming, outgoing, peer)
  }
}

/** A session in which nothing is asked does not stay for ever. */
class Patience {
  readonly #clock: Clock
  readonly #over: () => void
  #open = 0
  #silence: () => void

  constructor(clock: Clock, over: () => void) {
    this.#clock = clock
    this.#over = over
    this.#silence = alarm(clock, idleMs, over)
  }

  more(): void {
    this.#open += 1
    this.#silence()
  }

  less(): void {
    this.#open -= 1
    if (this.#open === 0) this.#silence = alarm(this.#clock, idleMs, this.#over)
  }

  end(): void {
    this.#open = Number.POSITIVE_INFINITY
    this.#silence()
  }
}

function end(session: ServerHttp2Session, code: number): void {
  if (!session.destroyed) session.destroy(new Error(`HTTP/2: error ${code}`), code)
}

import { finished } from 'node:stream/promises'
import { thisMachine } from '../../lib/networks.ts'
import { nextTurn } from '../../platform/next-turn.ts'
import type { Connection, ConnectionHandler } from '../../ports/connection.ts'
import { converse } from './dispatch.ts'
import type { Via } from './profile.ts'
import { type Reply, replies } from './reply.ts'
import type { Server } from './server.ts'
import { Session } from './session.ts'

/** How often all sessions are looked at for clients that keep us waiting. */
const watchMs = 1000
/** How long a client may take to hang up after our last word. */
const lingerMs = 5000

/** Serves the clients of one profile. One coarse watch for all of them takes the place of timers for each. */
export class Reception implements ConnectionHandler {
  readonly #server: Server
  readonly #via: Via
  readonly #sessions = new Set<Session>()
  readonly #closing = new Map<Session, number>()
  #watching = false
  #whenEmpty: (() => void)[] = []

  constructor(server: Server, via: Via) {
    this.#server = server
    this.#via = via
    server.meter.gauge(`smtp_${via}_sessions`, () => this.#sessions.size)
  }

  async serve(connection: Connection): Promise<void> {
    const session = new Session(this.#server, this.#via, connection)
    this.#sessions.add(session)
    this.#server.meter.count('smtp_connections_total', { via: this.#via })
    this.#watch()
    try {
      await this.#hold(session)
    } catch (error) {
      session.log.debug('smtp.connection-lost', { ip: connection.ip, reason: String(error) })
    }
    session.close()
    await finished(session.connection.stream).catch(() => undefined)
    this.#sessions.delete(session)
    this.#closing.delete(session)
    if (this.#sessions.size === 0) for (const resolve of this.#whenEmpty.splice(0)) resolve()
  }

  /** Sessions between two messages end now, the others after their message. */
  async drain(): Promise<void> {
    this.#server.isDraining = true
    for (const session of this.#sessions) {
      if (session.passage) session.passage.end()
      else if (session.patience.isWaiting && !session.transaction) session.leave(replies.draining)
    }
    if (this.#sessions.size > 0) await new Promise<void>((resolve) => this.#whenEmpty.push(resolve))
  }

  async #hold(session: Session): Promise<void> {
    const refused = await this.#welcome(session)
    if (refused) return session.say(refused)
    await converse(session)
    await session.forget()
  }

  async #welcome(session: Session): Promise<Reply | undefined> {
    const { settings, isDraining } = this.#server
    if (isDraining) return replies.draining
    // Programs beside us may hand mail over by LMTP, which relays nothing; on port 25 they are strangers like others.
    if (this.#via === 'lmtp' && !session.isTrusted && !thisMachine.has(session.connection.ip)) {
      return replies.strangerOnLmtp
    }
    if (this.#via === 'arriving' && !session.isTrusted && (await speaksEarly(session))) {
      session.log.info('smtp.early-talker', { ip: session.connection.ip })
      if (settings.refuseEarlyTalkers) return replies.earlyTalker
    }
    const protocol = this.#via === 'lmtp' ? 'LMTP' : 'ESMTP'
    session.say({ code: 220, status: undefined, text: `${settings.hostname} ${protocol}` })
    await session.output.flush()
    return undefined
  }

  #watch(): void {
    if (this.#watching) return
    this.#watching = true
    void this.#watchAll()
  }

  async #watchAll(): Promise<void> {
    while (this.#sessions.size > 0) {
      await this.#server.clock.sleep(watchMs)
      const now = this.#server.clock.now()
      for (const session of this.#sessions) this.#look(session, now)
    }
    this.#watching = false
  }

  #look(session: Session, now: number): void {
    if (session.passage) return
    if (!session.isClosing) {
      if (session.patience.isOver(now)) session.leave(replies.timeout)
      return
    }
    const since = this.#closing.get(session) ?? now
    this.#closing.set(session, since)
    if (now - since >= lingerMs) session.connection.stream.destroy()
  }
}

/**
 * Has somebody we do not know said something before we greeted? RFC 5321 §4.3.1 forbids it; programs that send spam are in a
 * hurry. Looks twice at what is there, and waits for nobody.
 */
async function speaksEarly({ input }: Session): Promise<boolean> {
  await nextTurn()
  await nextTurn()
  return input.hasUnread
}

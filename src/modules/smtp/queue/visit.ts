import type { MailSigner } from '../../../ports/mail-signing.ts'
import type { OutgoingQueue, Way } from '../../../ports/outgoing-queue.ts'
import type { Clock } from '../../../ports/runtime.ts'
import type { Letter } from '../client/letter.ts'
import { type Failure, ourFailure, type Sent } from '../client/outcome.ts'
import { type ClientSettings, closeSession, openSession, type Session } from '../client/session.ts'
import { sendLetter } from '../client/transaction.ts'
import type { MailHost } from '../routing/find-hosts.ts'
import { type Route, type Routing, routeOf } from '../routing/route.ts'
import type { TlsPolicies } from '../tls-policy/policies.ts'
import type { Needed } from '../tls-policy/tls-need.ts'
import type { TlsResults } from '../tls-report/results.ts'
import type { Batch } from './batch.ts'
import type { Here } from './here.ts'
import { octetsOf, pieceOctets } from './octets.ts'
import type { Tried } from './settle.ts'

export interface VisitParts {
  readonly queue: Pick<OutgoingQueue, 'message' | 'bytes'>
  readonly routing: Omit<Routing, 'deadlineMs'>
  readonly signer: Pick<MailSigner, 'signAgain'>
  readonly client: ClientSettings
  readonly tls: TlsPolicies
  readonly tlsResults: Pick<TlsResults, 'note'>
  readonly here: Here
  readonly clock: Clock
  /** The next to go to this destination; undefined where nobody waits. */
  next(): Promise<Batch | undefined>
  /** The same, with a connection that may be kept for a moment. */
  another(): Promise<Batch | undefined>
  /** Not tried: it goes with the next visit, at once. */
  giveBack(batch: Batch): void
  /** Everybody in the batch has an outcome. */
  settle(batch: Batch, tried: readonly Tried[]): Promise<void>
}

type Reached =
  | { readonly kind: 'session'; readonly session: Session; readonly server: string }
  | { readonly kind: 'nobody'; readonly sent: Sent; readonly server: string | undefined }

/** So many hosts are tried before the rest of them has to wait for the next visit. */
const mostHosts = 5
/** RFC 9422 §4.1 tells of servers that take fewer; more on one connection makes others wait. */
const mostMessages = 100
const dnsMs = 30_000

/**
 * One visit to a destination: the way there, a session, and as many messages as it takes. Where nobody is reached, everybody
 * who waits is put off at once: the next connection is tried when the first of them is due again.
 */
export async function visit(way: Way, parts: VisitParts): Promise<void> {
  if (await parts.here.isOurs(way)) return deliverHere(parts)
  const first = await parts.next()
  if (!first) return
  const reached = await reach(way, parts)
  if (reached.kind === 'session') return useSession(reached, first, parts)
  for (let batch: Batch | undefined = first; batch; batch = await parts.next()) {
    await parts.settle(
      batch,
      batch.map((recipient) => ({ recipient, ...reached })),
    )
  }
}

async function useSession(
  { session, server }: Extract<Reached, { kind: 'session' }>,
  first: Batch,
  parts: VisitParts,
): Promise<void> {
  const most = session.can.mostMessages ?? mostMessages
  let batch: Batch | undefined = first
  try {
    for (let count = 1; batch; count++) {
      const sent = await transmit(session, batch, parts)
      // The connection was kept, and the server has said good-bye meanwhile.
      if (count > 1 && sent.outcomes.every(wasGone)) return parts.giveBack(batch)
      const tried = batch.map((recipient, index) => ({
        recipient,
        server,
        tls: session.tls,
        sent: sent.outcomes[index] ?? notSent,
      }))
      await parts.settle(batch, tried)
      const goesOn = sent.reusable && !sent.outcomes.every(isUnwanted) && count < most
      batch = goesOn ? await parts.another() : undefined
    }
  } finally {
    await closeSession(session, parts.client.times)
  }
}

/** Whoever wants nothing from us need not say so for each message. */
const isUnwanted = (sent: Sent) => sent.kind !== 'done' && sent.why === 'policy'

/** A connection that was kept, and had been closed: nothing was said about the message. */
function wasGone(sent: Sent): boolean {
  return (
    sent.kind === 'later' && sent.why === 'network' && sent.step === 'MAIL FROM' && sent.code === undefined
  )
}

async function deliverHere(parts: VisitParts): Promise<void> {
  for (let batch = await parts.next(); batch; batch = await parts.next()) {
    const outcomes = await parts.here.deliver(batch)
    const tried = batch.map((recipient, index) => ({
      recipient,
      server: undefined,
      sent: outcomes[index] ?? notSent,
    }))
    await parts.settle(batch, tried)
  }
}

const goneMeanwhile: Sent = {
  kind: 'later',
  ...ourFailure('network', 'MAIL FROM', '4.4.2', 'The server closed the connection'),
}

const notSent: Sent = { kind: 'later', ...ourFailure('network', 'connect', '4.4.2', 'Not sent') }

async function reach(way: Way, parts: VisitParts): Promise<Reached> {
  const deadlineMs = parts.clock.now() + dnsMs
  const route = await routeOf(way, { ...parts.routing, deadlineMs })
  if (route.kind !== 'hosts') {
    const failure = ourFailure(
      route.kind === 'never' ? 'permanent' : 'network',
      'look-up',
      route.status,
      route.text,
    )
    return { kind: 'nobody', sent: { kind: route.kind, ...failure }, server: undefined }
  }
  let last: { failure: Failure; server: string } | undefined
  for (const host of route.hosts.slice(0, mostHosts)) {
    const opened = await openHost(host, route, parts)
    if (opened.kind === 'ready') return { kind: 'session', session: opened.session, server: host.name }
    last = { failure: opened.failure, server: host.name }
  }
  // RFC 5321 §3.1: who greets with "no" may say yes tomorrow, to us or through another host.
  const failure = last?.failure ?? ourFailure('network', 'look-up', '4.4.3', 'No server was found')
  return { kind: 'nobody', sent: { kind: 'later', ...asTemporary(failure) }, server: last?.server }
}

function asTemporary(failure: Failure): Failure {
  return { ...failure, status: failure.status.replace(/^5/, '4') }
}

async function openHost(
  host: MailHost,
  route: Extract<Route, { kind: 'hosts' }>,
  { clock, client, tls, tlsResults }: VisitParts,
): Promise<{ kind: 'ready'; session: Session } | { kind: 'failed'; failure: Failure }> {
  const { port, protocol, login, mxSecurity, nextHop, isDomain } = route
  const asking = { isDomain, deadlineMs: clock.now() + dnsMs }
  const needed = route.anyhow ? whatever : await tls.needOf({ ...host, port, mxSecurity, nextHop }, asking)
  const about = { domain: nextHop, host: host.name, policy: needed.policy }
  if (needed.kind === 'later') {
    tlsResults.note({ ...about, ip: undefined, trouble: needed })
    return { kind: 'failed', failure: ourFailure('tls', 'look-up', '4.7.5', needed.text) }
  }
  const entrance = { host: host.name, addresses: host.addresses, port, protocol, login }
  const opened = await openSession(
    { ...entrance, tls: needed.need, implicitTls: port === 465 },
    client,
    clock,
  )
  const isReady = opened.kind === 'ready'
  const facts = isReady ? opened.session.tls : undefined
  const trouble = opened.tlsFailure ?? needed.trouble ?? facts?.trouble
  const ip = isReady ? opened.session.address : undefined
  // A connection that failed for another reason, or was to be without TLS, says nothing of it.
  const says = trouble !== undefined || facts !== undefined
  if (says && !route.anyhow) tlsResults.note({ ...about, ip, trouble })
  return isReady ? opened : { kind: 'failed', failure: opened.failure }
}

/** RFC 8460 §5.3: a report on encryption has to arrive where that fails, and is not reported on. */
const whatever: Needed = { kind: 'need', need: { kind: 'may' }, policy: { type: 'no-policy-found' } }

async function transmit(
  session: Session,
  batch: Batch,
  { queue, client, signer }: VisitParts,
): Promise<{ readonly outcomes: readonly Sent[]; readonly reusable: boolean }> {
  const [{ message: id, size }] = batch
  const message = await queue.message(id)
  // Dropped meanwhile: there is nothing to say, and nothing to write down.
  if (!message) return { outcomes: batch.map(() => notSent), reusable: true }
  if (session.talk.hasUnread) return { outcomes: batch.map(() => goneMeanwhile), reusable: false }
  const read = await reading(queue, id, size)
  const letter: Letter = {
    ...message,
    recipients: batch,
    eightBit: await eightBitOf(read()),
    read,
    signAgain: (before, after) => signedAgain(signer, before, after),
  }
  return sendLetter(session, letter, client.times)
}

async function signedAgain(
  signer: VisitParts['signer'],
  before: Uint8Array,
  after: Uint8Array,
): Promise<Uint8Array> {
  const { header, replaces } = (await signer.signAgain(before, after)) ?? { header: '', replaces: 0 }
  return Buffer.concat([Buffer.from(header, 'latin1'), after.subarray(replaces)])
}

/** Most messages are one piece: it is looked up once. */
async function reading(
  queue: VisitParts['queue'],
  id: number,
  size: number,
): Promise<() => AsyncIterable<Uint8Array>> {
  if (size > pieceOctets) return () => octetsOf(queue, id, size)
  const pieces: Uint8Array[] = []
  for await (const piece of octetsOf(queue, id, size)) pieces.push(piece)
  return async function* () {
    yield* pieces
  }
}

const beyondAscii = /[\x80-\xff]/

/** One pass over the message, as compiled code: 2 GB/s. */
async function eightBitOf(pieces: AsyncIterable<Uint8Array>): Promise<Letter['eightBit']> {
  let header: boolean | undefined
  let body = false
  for await (const piece of pieces) {
    const text = Buffer.from(piece.buffer, piece.byteOffset, piece.length).toString('latin1')
    // The first piece holds the header, unless it is longer than a megabyte.
    const end = header === undefined ? text.indexOf('\r\n\r\n') : 0
    header ??= beyondAscii.test(end < 0 ? text : text.slice(0, end))
    body ||= beyondAscii.test(end < 0 ? '' : text.slice(end))
    if (body) break
  }
  return { header: header ?? false, body }
}

import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { messageId, type Template } from './corpus.ts'

export type SmtpLoad = {
  readonly host: string
  readonly port: number
  readonly connections: number
  readonly messagesPerConnection: number
  /** MAIL, RCPT and DATA in one packet (RFC 2920), as relays send them. */
  readonly pipelining: boolean
  /** No new message is begun after this many milliseconds. */
  readonly forMs: number
  readonly recipients: readonly string[]
  readonly templates: readonly Template[]
  /** Over TLS, by somebody who signs in; undefined: as another server would. */
  readonly submission?: { readonly sender: string; readonly password: string }
  /** Through a proxy that tells who the client is; undefined: from this machine. */
  readonly stranger?: { readonly ip: string; readonly helo: string; readonly sender: string }
}

export type SmtpLoadResult = {
  readonly accepted: number
  readonly dataToAcceptedMs: readonly number[]
  /** From the first byte to the last 250. */
  readonly milliseconds: number
}

type Prepared = SmtpLoad & {
  readonly envelopes: readonly Envelope[]
  readonly run: string
  readonly begin: number
  readonly latencies: number[]
  sent: number
}

type Envelope = { readonly mail: Buffer; readonly rcpt: Buffer; readonly whole: Buffer }

const data = Buffer.from('DATA\r\n')
const endOfData = Buffer.from('\r\n.\r\n')
const quit = Buffer.from('QUIT\r\n')

let runs = 0

/** Keeps `connections` senders busy until the time is over. Rejects at the first reply that is not expected. */
export async function sendBySmtp(load: SmtpLoad): Promise<SmtpLoadResult> {
  runs += 1
  const prepared: Prepared = {
    ...load,
    envelopes: load.recipients.map((recipient) =>
      envelopeFor(recipient, load.submission?.sender ?? load.stranger?.sender),
    ),
    run: `${process.pid}-${runs}`,
    begin: performance.now(),
    latencies: [],
    sent: 0,
  }
  await Promise.all(Array.from({ length: load.connections }, () => keepSending(prepared)))
  const milliseconds = performance.now() - prepared.begin
  return { accepted: prepared.latencies.length, dataToAcceptedMs: prepared.latencies, milliseconds }
}

function envelopeFor(recipient: string, sender = 'alice@sender.test'): Envelope {
  const mail = Buffer.from(`MAIL FROM:<${sender}>\r\n`)
  const rcpt = Buffer.from(`RCPT TO:<${recipient}>\r\n`)
  return { mail, rcpt, whole: Buffer.concat([mail, rcpt, data]) }
}

async function keepSending(load: Prepared): Promise<void> {
  while (!isOver(load)) await oneConnection(load)
}

const isOver = (load: Prepared): boolean => performance.now() - load.begin >= load.forMs

function oneConnection(load: Prepared): Promise<void> {
  return new Promise((resolve, reject) => {
    const script = conversation(load)
    let expected = script.next().value
    let received = ''
    const onReply = (socket: Socket, reply: string): void => {
      if (expected === undefined || !reply.startsWith(expected.code)) {
        socket.destroy()
        reject(new Error(`Expected ${expected?.code}, got ${reply.trim() || 'the end of the connection'}`))
        return
      }
      const turn = script.next()
      expected = turn.value
      if (turn.done) {
        // as Postfix does: the answer to QUIT is not waited for
        socket.end(quit, resolve)
        return
      }
      socket.cork()
      for (const chunk of turn.value.say) socket.write(chunk)
      socket.uncork()
    }
    const to = { host: load.host, port: load.port, noDelay: true }
    const socket = load.submission ? connectTls({ ...to, rejectUnauthorized: false }) : connect(to)
    if (load.stranger) socket.write(`PROXY TCP4 ${load.stranger.ip} ${load.host} 40000 25\r\n`)
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1')
      // nearly always one whole reply in one packet; a reply of several lines ends at the line with a space
      for (let end = endOfReply(received); end > 0 && expected !== undefined; end = endOfReply(received)) {
        const reply = received.slice(0, end)
        received = received.slice(end)
        onReply(socket, reply)
      }
    })
    socket.once('error', reject)
    socket.once('close', () => expected !== undefined && onReply(socket, ''))
  })
}

/** Where the first complete reply ends, or 0. */
function endOfReply(text: string): number {
  for (let start = 0; ; ) {
    const end = text.indexOf('\n', start)
    if (end < 0) return 0
    if (text[start + 3] !== '-') return end + 1
    start = end + 1
  }
}

/** What is said, and the reply that must follow it. Nothing is said first: the server greets. */
type Turn = { readonly say: readonly Uint8Array[]; readonly code: string }

function* conversation(load: Prepared): Generator<Turn, undefined> {
  yield { say: [], code: '220' }
  yield { say: [Buffer.from(`EHLO ${load.stranger?.helo ?? 'mail.sender.test'}\r\n`)], code: '250' }
  if (load.submission) {
    const { sender, password } = load.submission
    const secret = Buffer.from(`\0${sender}\0${password}`).toString('base64')
    yield { say: [Buffer.from(`AUTH PLAIN ${secret}\r\n`)], code: '235' }
  }
  for (let count = 0; count < load.messagesPerConnection && (count === 0 || !isOver(load)); count++) {
    const number = load.sent++
    const envelope = load.envelopes[number % load.envelopes.length]
    const template = load.templates[number % load.templates.length]
    if (envelope === undefined || template === undefined) throw new Error('Nothing to send')
    yield* startOfMessage(envelope, load.pipelining)
    const from = performance.now()
    const first = Buffer.from(messageId(`${load.run}-${number}`), 'latin1')
    yield { say: [first, template.afterMessageId, endOfData], code: '250' }
    load.latencies.push(performance.now() - from)
  }
}

function* startOfMessage({ mail, rcpt, whole }: Envelope, pipelining: boolean): Generator<Turn> {
  if (pipelining) {
    yield { say: [whole], code: '250' }
    yield { say: [], code: '250' }
    yield { say: [], code: '354' }
    return
  }
  yield { say: [mail], code: '250' }
  yield { say: [rcpt], code: '250' }
  yield { say: [data], code: '354' }
}

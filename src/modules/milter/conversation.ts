import { isIPv6 } from 'node:net'
import type { Header } from '../../lib/mime/header.ts'
import type { Arrival } from '../../ports/intake.ts'
import type { Change } from './changes.ts'
import { type Agreed, negotiate, type Step } from './negotiation.ts'
import type { Packet, Wire } from './wire.ts'

/** What a filter says of a message as a whole. */
export type Verdict =
  | { readonly kind: 'passes'; readonly changes: readonly Change[]; readonly quarantine: string | undefined }
  | { readonly kind: 'refuses'; readonly code: number; readonly status: string; readonly text: string }

export interface Question {
  readonly arrival: Arrival
  readonly hostname: string
  /** The client's name, where it is known. */
  readonly clientName: string | undefined
  readonly header: Header
  /** Behind the header, in pieces. */
  body(): AsyncIterable<Uint8Array>
}

const longestPiece = 65_535
const mostChanges = 500

/** Tells a filter of a message, step by step, and hears what it says. Rejects where it does not keep to the protocol. */
export async function converse(wire: Wire, question: Question): Promise<Verdict> {
  const agreed = await negotiate(wire)
  for await (const [step, tell] of stepsOf(wire, question, agreed)) {
    if (!agreed.wants(step)) continue
    await tell()
    if (!agreed.answers(step)) continue
    const answer = await hearOf(wire)
    // It has seen enough of the body, which comes last.
    if (answer.letter === 's') break
    const verdict = verdictOf(answer)
    if (verdict) return verdict
  }
  return await end(wire, question, agreed)
}

type Telling = readonly [Step, () => Promise<void>]

async function* stepsOf(wire: Wire, question: Question, agreed: Agreed): AsyncGenerator<Telling> {
  const { arrival, hostname, clientName = 'unknown', header } = question
  const { client, sender, recipients } = arrival
  yield [
    'connect',
    async () => {
      await wire.say('D', macros('C', { j: hostname, '{daemon_name}': hostname, v: 'Homepost' }))
      await wire.say('C', connection(clientName, client.ip))
    },
  ]
  yield ['hello', () => wire.say('H', words(client.helo))]
  yield [
    'sender',
    async () => {
      await wire.say('D', macros('M', senderMacros(question)))
      await wire.say('M', words(`<${sender ?? ''}>`))
    },
  ]
  for (const { address } of recipients) {
    yield [
      'recipient',
      async () => {
        await wire.say('D', macros('R', { '{rcpt_addr}': address }))
        await wire.say('R', words(`<${address}>`))
      },
    ]
  }
  yield ['data', () => wire.say('T')]
  for (const field of header.fields) {
    if (field.name === '') continue
    const name = header.text.slice(field.start, field.valueStart - 1).trimEnd()
    const value = header.text
      .slice(field.valueStart, field.end)
      .replace(/\r?\n$/, '')
      .replaceAll('\r\n', '\n')
    const said = agreed.keepsBlank ? value : value.replace(/^ /, '')
    yield ['fields', () => wire.say('L', Buffer.from(`${name}\0${said}\0`, 'latin1'))]
  }
  yield ['endOfHeader', () => wire.say('N')]
  yield* bodySteps(wire, question)
}

async function* bodySteps(wire: Wire, question: Question): AsyncGenerator<Telling> {
  for await (const octets of question.body()) {
    for (let from = 0; from < octets.length; from += longestPiece)
      yield ['body', () => wire.say('B', octets.subarray(from, from + longestPiece))]
  }
}

/** SMFIC_BODYEOB: now it may change the message, and then has to say what becomes of it. */
async function end(wire: Wire, question: Question, agreed: Agreed): Promise<Verdict> {
  await wire.say('D', macros('E', { i: question.arrival.id }))
  await wire.say('E')
  const changes: Change[] = []
  let quarantine: string | undefined
  while (changes.length < mostChanges) {
    const answer = await hearOf(wire)
    const verdict = verdictOf(answer)
    if (verdict?.kind === 'refuses') return verdict
    if (verdict || answer.letter === 'c') return { kind: 'passes', changes, quarantine }
    if (answer.letter === 'q') quarantine = textOf(answer.content)
    else changes.push(changeOf(answer, agreed.keepsBlank))
  }
  throw new Error('it changes without an end')
}

/** What says that it is still at work is no answer. */
async function hearOf(wire: Wire): Promise<Packet> {
  for (;;) {
    const packet = await wire.hear()
    if (packet.letter !== 'p') return packet
  }
}

/** Undefined where it goes on. What a filter would have thrown away is refused: nobody's mail vanishes. */
function verdictOf({ letter, content }: Packet): Verdict | undefined {
  switch (letter) {
    case 'a':
      return { kind: 'passes', changes: [], quarantine: undefined }
    case 'r':
    case 'd':
      return { kind: 'refuses', code: 550, status: '5.7.1', text: 'Message refused by a filter' }
    case 't':
      return {
        kind: 'refuses',
        code: 451,
        status: '4.7.1',
        text: 'Message not accepted yet, try again later',
      }
    case 'y':
      return saidReply(textOf(content))
    case 'f':
    case '4':
      throw new Error('it gives up')
    default:
      return undefined
  }
}

/** `550 5.7.1 text`; RFC 3463 §3.1: a code without a status says the same by its first digit. */
function saidReply(line: string): Verdict {
  const [, code = '', status, text = ''] =
    /^([45]\d\d)[ -]?(?:([45]\.\d{1,3}\.\d{1,3})(?: |$))?(.*)/s.exec(line) ?? []
  if (code === '') throw new Error(`its reply is none: ${line.slice(0, 80)}`)
  return {
    kind: 'refuses',
    code: Number(code),
    status: status ?? `${code.charAt(0)}.7.1`,
    text:
      text
        .replace(/[^\x20-\x7e]+/g, ' ')
        .trim()
        .slice(0, 400) || 'Message refused by a filter',
  }
}

function changeOf({ letter, content }: Packet, keepsBlank: boolean): Change {
  const isPlaced = letter === 'i' || letter === 'm'
  if (!isPlaced && letter !== 'h') throw new Error(`it asks for what was not offered: ${letter}`)
  const index = isPlaced && content.length >= 4 ? content.readUInt32BE() : 0
  const [name = '', value = ''] = content.toString('latin1', isPlaced ? 4 : 0).split('\0')
  const said = keepsBlank || value === '' ? value : ` ${value}`
  return { kind: kinds[letter] ?? 'add', name, value: said, index }
}

const kinds: Readonly<Record<string, Change['kind']>> = { h: 'add', i: 'insert', m: 'change' }

function senderMacros({ arrival, clientName = 'unknown' }: Question): Readonly<Record<string, string>> {
  const { id, sender, origin, client } = arrival
  return {
    i: id,
    '{mail_addr}': sender ?? '',
    '{client_addr}': client.ip,
    '{client_name}': clientName,
    ...(origin.kind === 'submitted' && { '{auth_authen}': origin.login, '{auth_type}': 'PLAIN' }),
  }
}

const macros = (step: string, values: Readonly<Record<string, string>>): string =>
  `${step}${Object.entries(values)
    .map(([name, value]) => `${name}\0${value}\0`)
    .join('')}`

/** SMFIA_INET and SMFIA_INET6; the port is none of the filter's business. */
function connection(name: string, ip: string): Buffer {
  return Buffer.concat([
    Buffer.from(`${name}\0${isIPv6(ip) ? '6' : '4'}`),
    Buffer.from([0, 0]),
    Buffer.from(words(ip)),
  ])
}

const words = (...texts: readonly string[]): string => texts.map((text) => `${text}\0`).join('')
const textOf = (content: Buffer): string => content.toString('latin1').replace(/\0.*$/s, '')

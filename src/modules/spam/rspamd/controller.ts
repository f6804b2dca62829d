import { Readable } from 'node:stream'
import { createZstdDecompress } from 'node:zlib'
import { BadSyntax } from '../../../lib/bad-syntax.ts'
import type { AccountId } from '../../../ports/accounts.ts'
import type { AddressResolver } from '../../../ports/addresses.ts'
import type { MailAuthenticator } from '../../../ports/mail-authentication.ts'
import type { MessageBytes, MessageRef } from '../../../ports/message.ts'
import type { Clock } from '../../../ports/runtime.ts'
import type { HistoryQuestion, JudgedMessage } from '../../../ports/spam-history.ts'
import type { SpamJudge } from '../../../ports/spam-judge.ts'
import type { FuzzyFlag } from '../known/likeness.ts'
import { octetsRead } from '../looker.ts'
import { accountsOf } from '../recipients.ts'
import { keep } from '../service/keep.ts'
import { arrivalOf, recipientsIn } from './arrival.ts'
import { historyJson } from './history-json.ts'
import { ruleGroups } from './rule-groups.ts'
import type { Tally } from './tally.ts'
import { thresholds, verdictJson } from './verdict-json.ts'

/** What the filter tells and learns beside its port. */
export interface RspamdDesk {
  readonly tally: Tally
  /** Teaches everybody, or one who moved it. */
  readonly teach: (octets: Uint8Array, spam: boolean, account: AccountId | undefined) => Promise<Taught>
  /** Knows it again under this flag, or not any more; tells how many hashes that are. */
  readonly mark: (octets: Uint8Array, flag: FuzzyFlag, keeps: boolean) => Promise<number | 'unreadable'>
  /** The newest first. */
  readonly judged: (question: HistoryQuestion) => Promise<readonly JudgedMessage[]>
  readonly learned: () => Promise<{ readonly ham: number; readonly spam: number; readonly tokens: number }>
}

export interface ControllerParts extends RspamdDesk {
  readonly judge: SpamJudge
  readonly addresses: AddressResolver
  readonly authenticator: MailAuthenticator
  readonly bytes: MessageBytes
  /** Of a message; 0 is unlimited. */
  readonly mostOctets: number
  readonly clock: Clock
}

const fuzzyFlags: readonly FuzzyFlag[] = [11, 12, 13]
/** Rspamd's history_rows. */
const rowsShown = 200
/** Of a message that is in memory whole before it is looked at. */
const mostAtOnce = 128 * 1024

type Taught = 'learned' | 'known' | 'unreadable'
type Asked = (request: Request, parts: ControllerParts) => Promise<Response> | Response

/** What rspamd's controller is asked, and we answer. Read this first; what is not in it is 404, as there. */
const questions: Readonly<Record<string, Asked>> = {
  'GET /ping': () => new Response('pong\r\n', { headers: { 'Content-Type': 'text/plain' } }),
  'POST /checkv2': check,
  'POST /check': check,
  'POST /scan': check,
  'POST /symbols': check,
  'POST /learnspam': (request, parts) => learn(request, parts, true),
  'POST /learnham': (request, parts) => learn(request, parts, false),
  'POST /fuzzyadd': (request, parts) => mark(request, parts, true),
  'POST /fuzzydel': (request, parts) => mark(request, parts, false),
  'GET /stat': async (_, parts) => Response.json(await statOf(parts)),
  'GET /statreset': async (_, parts) => {
    const before = await statOf(parts)
    parts.tally.reset()
    return Response.json(before)
  },
  'GET /auth': (_, parts) => Response.json(authOf(parts)),
  'GET /history': async (_, { judged }) => Response.json(historyJson(await judged({ atMost: rowsShown }))),
  'GET /counters': (_, { tally }) => Response.json(countersOf(tally)),
  'GET /symbols': (_, { tally }) => Response.json(ruleGroups(tally)),
  'GET /actions': () =>
    Response.json(Object.entries(thresholds).map(([action, value]) => ({ action, value }))),
  'GET /errors': () => Response.json([]),
}

/** Rspamd's HTTP protocol, for rspamc and scripts. */
export async function answerRspamd(request: Request, parts: ControllerParts): Promise<Response> {
  const path = new URL(request.url).pathname.replace(/(?<=.)\/$/, '')
  const asked = questions[`${request.method === 'HEAD' ? 'GET' : request.method} ${path}`]
  if (!asked) return Response.json({ error: 'Invalid command' }, { status: 404 })
  try {
    return await asked(request, parts)
  } catch (cause) {
    if (cause instanceof BadSyntax) return Response.json({ error: cause.message }, { status: 400 })
    throw cause
  }
}

async function check(request: Request, parts: ControllerParts): Promise<Response> {
  const began = performance.now()
  return withMessage(request, parts, async (message) => {
    const arrival = arrivalOf(request.headers, message, parts.clock.now())
    const isStranger = arrival.origin.kind === 'arrived'
    const report = isStranger ? await parts.authenticator.authenticate(arrival) : { header: '' }
    const judgement = await parts.judge.judge(arrival, report)
    const seconds = (performance.now() - began) / 1000
    return Response.json(verdictJson(judgement, { messageId: message.index.messageId, seconds }))
  })
}

function learn(request: Request, parts: ControllerParts, spam: boolean): Promise<Response> {
  return withMessage(request, parts, async (message) => {
    const octets = await parts.bytes.read(message, { from: 0, to: Math.min(message.size, octetsRead) })
    const owner = recipientsIn(request.headers.get('deliver-to') ?? '')
    const [account] = await accountsOf(parts.addresses, owner)
    const id = `<${message.index.messageId ?? 'undef'}>`
    switch (await parts.teach(octets, spam, account)) {
      case 'learned':
        return Response.json({ success: true })
      case 'known':
        return Response.json({ error: `${id} has been already learned, ignore it` }, { status: 208 })
      case 'unreadable':
        return Response.json({ error: `${id} cannot be read` }, { status: 400 })
    }
  })
}

/** Weights are not kept: what bears a flag counts whole. */
function mark(request: Request, parts: ControllerParts, keeps: boolean): Promise<Response> {
  const flag = fuzzyFlags.find((one) => String(one) === request.headers.get('flag'))
  if (flag === undefined)
    return Promise.resolve(Response.json({ error: 'Flag is none of 11, 12 and 13' }, { status: 400 }))
  return withMessage(request, parts, async (message) => {
    const octets = await parts.bytes.read(message, { from: 0, to: Math.min(message.size, octetsRead) })
    const hashes = await parts.mark(octets, flag, keeps)
    if (hashes === 'unreadable')
      return Response.json({ error: 'This is no message that can be read' }, { status: 400 })
    if (hashes > 0) return Response.json({ success: true, hashes })
    const why = keeps ? 'There is too little text, and no file, to know it again by' : 'It is not known'
    return Response.json({ error: why }, { status: 404 })
  })
}

/** Takes the message in, lets somebody look at it, and gives it up. */
async function withMessage(
  request: Request,
  parts: ControllerParts,
  use: (message: MessageRef) => Promise<Response>,
): Promise<Response> {
  const kept = await keep(octetsOf(request), parts)
  if (kept.kind === 'later') return Response.json({ error: kept.text }, { status: 503 })
  try {
    if (kept.ref.size === 0) return Response.json({ error: 'Empty body is not permitted' }, { status: 400 })
    return await use(kept.ref)
  } finally {
    await parts.bytes.release(kept.ref)
  }
}

async function* octetsOf(request: Request): AsyncGenerator<Uint8Array> {
  const { headers } = request
  const isPacked = headers.get('compression')?.toLowerCase() === 'zstd'
  // Taken as it comes from the socket: a stream of the web's kind costs more than indexing what it brings.
  if (!isPacked && Number(headers.get('content-length') ?? Number.NaN) <= mostAtOnce)
    return yield new Uint8Array(await request.arrayBuffer())
  const { body } = request
  if (!body) return
  if (!isPacked) return yield* body
  try {
    yield* Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]).pipe(createZstdDecompress())
  } catch (cause) {
    throw new BadSyntax(`the message is no zstd: ${String(cause)}`, 0)
  }
}

async function statOf({ tally, learned }: ControllerParts): Promise<object> {
  const { ham, spam, tokens } = await learned()
  const statfile = (symbol: string, revision: number) => ({
    symbol,
    revision,
    used: tokens,
    total: tokens,
    size: 0,
    type: 'homepost',
    languages: 0,
    users: 1,
  })
  return {
    version: 'homepost',
    read_only: false,
    uptime: uptimeOf(tally),
    scanned: tally.scanned,
    learned: ham + spam,
    actions: tally.actions,
    spam_count: tally.actions['add header'] + tally.actions.reject,
    ham_count: tally.actions['no action'] + tally.actions.greylist,
    connections: 0,
    control_connections: 0,
    statfiles: [statfile('BAYES_SPAM', spam), statfile('BAYES_HAM', ham)],
    fuzzy_hashes: {},
    total_learns: ham + spam,
  }
}

function authOf({ tally }: ControllerParts): object {
  const { actions, scanned } = tally
  return {
    auth: 'ok',
    version: 'homepost',
    uptime: uptimeOf(tally),
    scanned,
    clean: actions['no action'],
    probable: actions['add header'],
    greylist: actions.greylist,
    reject: actions.reject,
    soft_reject: actions['soft reject'],
  }
}

const uptimeOf = ({ startedAt }: Tally): number => Math.round((performance.now() - startedAt) / 1000)

function countersOf(tally: Tally): object[] {
  const { scanned } = tally
  return tally.symbols.map(({ symbol, hits, score }) => ({
    symbol,
    weight: score,
    frequency: hits / Math.max(scanned, 1),
    frequency_stddev: 0,
    hits,
    time: 0,
  }))
}

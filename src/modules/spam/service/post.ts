import { Agent, type IncomingMessage, request } from 'node:http'
import { request as secureRequest } from 'node:https'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { gather } from '../../../lib/gather.ts'
import { lengthField } from './question.ts'

interface Question {
  readonly url: URL
  readonly token: string | undefined
  readonly text: string
  /** What goes behind the text: may be asked for a second time. */
  readonly octets: () => AsyncIterable<Uint8Array>
  readonly size: number
  readonly withinMs: number
}

type Answered = { readonly kind: 'answer'; readonly answer: unknown } | NoAnswer
interface NoAnswer {
  readonly kind: 'none'
  readonly why: string
  /** Nothing came in the time there was. */
  readonly late: boolean
}

const mostAnswerOctets = 4 * 1024 * 1024
const connections = new Agent({ keepAlive: true, maxSockets: 32 })

/** Asks the other process. Never rejects. */
export async function post(question: Question): Promise<Answered> {
  const signal = AbortSignal.timeout(question.withinMs)
  for (;;) {
    try {
      return await ask(question, signal)
    } catch (cause) {
      // The connection was kept, and closed by the other side while the question was on its way.
      if (cause instanceof Stale) continue
      const why = cause instanceof Error ? cause.message : String(cause)
      return { kind: 'none', why: signal.aborted ? 'no answer in time' : why, late: signal.aborted }
    }
  }
}

class Stale extends Error {}

async function ask({ url, token, text, octets, size }: Question, signal: AbortSignal): Promise<Answered> {
  const length = Buffer.byteLength(text)
  const isSecure = url.protocol === 'https:'
  const asking = (isSecure ? secureRequest : request)(url, {
    method: 'POST',
    signal,
    ...(!isSecure && { agent: connections }),
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': length + size,
      [lengthField]: length,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  })
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    asking.once('response', resolve)
    asking.on('error', (cause: NodeJS.ErrnoException) => {
      reject(asking.reusedSocket && cause.code === 'ECONNRESET' && !signal.aborted ? new Stale() : cause)
    })
  })
  // A refusal may come before all was told; a message that cannot be read is never told whole.
  const told = pipeline(Readable.from(pieces(text, octets)), asking).catch((cause: Error) => {
    asking.destroy(cause)
  })
  try {
    const response = await answered
    const body = await textOf(response)
    if (response.statusCode === 200) return { kind: 'answer', answer: JSON.parse(body) as unknown }
    return { kind: 'none', why: `${response.statusCode} ${body.slice(0, 200).trim()}`, late: false }
  } finally {
    asking.destroy()
    await told
  }
}

async function* pieces(text: string, octets: Question['octets']): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text)
  yield* octets()
}

async function textOf(response: IncomingMessage): Promise<string> {
  const body = await gather(response, mostAnswerOctets)
  if (body === undefined) throw new Error('the answer is too long')
  return body.toString()
}

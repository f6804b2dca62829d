import { nextTurn } from '../../platform/next-turn.ts'
import type { Added, Changed, Refusal } from '../../ports/directory-writer.ts'
import type { TryLater } from '../../ports/runtime.ts'

/** What an operation came to. Mailu tells every success with 200, and says so in the body once more. */
export type Answer =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'json'; readonly value: unknown }
  /** SimpleLogin tells of it with 201. */
  | { readonly kind: 'made'; readonly value: unknown }
  /** Rows are asked for as the client takes them. */
  | { readonly kind: 'list'; readonly rows: Rows }
  | { readonly kind: 'refused'; readonly status: 400 | 403 | 404 | 409 | 503; readonly text: string }

type Rows = Iterable<unknown> | AsyncIterable<unknown>

export const done = (text: string): Answer => ({ kind: 'done', text })
export const json = (value: unknown): Answer => ({ kind: 'json', value })
export const made = (value: unknown): Answer => ({ kind: 'made', value })
export const list = (rows: Rows): Answer => ({ kind: 'list', rows })
export const missing = (what: string): Answer => ({
  kind: 'refused',
  status: 404,
  text: `There is no ${what}.`,
})
export const later = ({ text }: TryLater): Answer => ({ kind: 'refused', status: 503, text })
export const duplicate = (text: string): Answer => ({ kind: 'refused', status: 409, text })

const statuses = {
  exists: 409,
  limit: 409,
  'missing-domain': 404,
  'missing-user': 404,
  invalid: 400,
} as const

/** What the directory said. `what` is what it was about. */
export function outcome(result: Added | Changed | Refusal | TryLater, what: string, did: string): Answer {
  switch (result.kind) {
    case 'added':
    case 'changed':
      return done(`${what} has been ${did}`)
    case 'missing':
      return missing(what)
    case 'refused':
      return { kind: 'refused', status: statuses[result.reason], text: result.text }
    case 'later':
      return later(result)
  }
}

/** Mailu leaves out what is null in most lists. */
export function withoutNulls(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null))
}

export function respond(answer: Answer): Response {
  switch (answer.kind) {
    case 'done':
      return message(200, answer.text)
    case 'json':
      return new Response(`${jsonText(answer.value)}\n`, { headers })
    case 'made':
      return new Response(`${jsonText(answer.value)}\n`, { status: 201, headers })
    case 'list':
      return new Response(listStream(answer.rows), { headers })
    case 'refused':
      return answer.status === 503 ? away(answer.text) : message(answer.status, answer.text)
  }
}

const headers = { 'Content-Type': 'application/json', 'Cache-Control': 'no-store' } as const

/** Mailu's form of everything that has nothing else to say. */
export function message(code: number, text: string, more: Readonly<Record<string, string>> = {}): Response {
  const body = { code, message: text }
  return new Response(`${jsonText(body)}\n`, { status: code, headers: { ...headers, ...more } })
}

export const away = (text: string): Response => message(503, text, { 'Retry-After': '60' })

export const tooMany = (retryAfterSeconds: number): Response =>
  message(429, 'Too many attempts from your IP (rate-limit)', { 'Retry-After': String(retryAfterSeconds) })

/** Mailu's form of what is wrong with a request, by the name of its field. */
export function mistakes(errors: Readonly<Record<string, string>>): Response {
  const body = { code: 400, errors, message: 'Input payload validation failed' }
  return new Response(`${jsonText(body)}\n`, { status: 400, headers })
}

/** JSON as Python writes it, with a blank after colon and comma and in ASCII: scripts look for it with grep. */
function jsonText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(jsonText).join(', ')}]`
  if (typeof value !== 'object' || value === null) return ascii(JSON.stringify(value))
  const members = Object.entries(value).filter(([, member]) => member !== undefined)
  return `{${members.map(([name, member]) => `${jsonText(name)}: ${jsonText(member)}`).join(', ')}}`
}

const ascii = (text: string) =>
  text.replace(/[\x7f-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)

const rowsAtOnce = 50

/** Ten thousand users are told a few at a time, so that nobody waits for them. */
function listStream(rows: Rows): ReadableStream<Uint8Array> {
  const left = Symbol.asyncIterator in rows ? rows[Symbol.asyncIterator]() : rows[Symbol.iterator]()
  const encoder = new TextEncoder()
  let before = '['
  return new ReadableStream({
    async pull(controller) {
      await nextTurn()
      const texts: string[] = []
      for (let count = 0; count < rowsAtOnce; count++) {
        const next = await left.next()
        if (next.done === true) {
          controller.enqueue(encoder.encode(`${texts.join('')}${before === '[' ? '[' : ''}]\n`))
          controller.close()
          return
        }
        texts.push(before, jsonText(next.value))
        before = ', '
      }
      controller.enqueue(encoder.encode(texts.join('')))
    },
    async cancel() {
      await left.return?.()
    },
  })
}

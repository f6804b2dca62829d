import { createTransferDecoder } from '../../../lib/mime/decode.ts'
import type { Checked, Family } from '../language/spec.ts'
import { fromOctets } from '../match/octets.ts'
import type { PartView } from '../message/message-view.ts'
import type { Machine } from '../run/machine.ts'
import { checkMatching, valueMatcher } from './matching.ts'

/** RFC 5173. */
export const body: Family<Machine> = {
  extensions: ['body'],
  tags: [
    { tag: 'raw', extension: 'body', group: 'transform', on: ['body'] },
    { tag: 'content', extension: 'body', group: 'transform', value: 'strings', on: ['body'] },
    { tag: 'text', extension: 'body', group: 'transform', on: ['body'] },
  ],
  tests: [
    {
      name: 'body',
      extension: 'body',
      arguments: [{ name: 'key list', type: 'strings' }],
      check: checkMatching(0),
      run: bodyTest,
    },
  ],
}

function bodyTest(node: Checked, machine: Machine): boolean {
  const before = machine.matches
  const fits = valueMatcher(node, machine, machine.texts(node.values[0]))
  const isCount = node.options['match']?.tag === 'count'
  const texts = transformed(node, machine)
  const found = isCount ? fits([...texts]) : some(texts, fits)
  // RFC 5173 §6: a body test sets no match variables
  machine.matches = before
  return found
}

/** One text after the other, so that a match early saves decoding the rest. */
function some(texts: Iterable<string>, fits: (values: readonly string[]) => boolean): boolean {
  for (const text of texts) if (fits([text])) return true
  return false
}

function* transformed(node: Checked, machine: Machine): Generator<string> {
  const { view } = machine.message
  const transform = node.options['transform']
  if (transform?.tag === 'raw') {
    machine.spend(1 + (view.size >> 12))
    // a message that ends with its header has no body that could match
    if (view.size > view.root.place.bodyStart) yield view.rawText
    return
  }
  const isText = transform?.tag !== 'content'
  const types = isText ? readableTypes : machine.texts(transform.value)
  for (const part of view.parts) {
    if (types.some((type) => isOfType(part, type.toLowerCase())) && (!isText || isReadable(part))) {
      machine.spend(1 + (part.rawBody.length >> 10))
      yield* contentOf(part, isText)
    }
  }
}

/** What a person would read: RFC 5173 §5.3. */
const readableTypes = ['text', 'application/xhtml+xml']

/** An encoding that nobody knows hides the text. */
function isReadable({ place }: PartView): boolean {
  return createTransferDecoder(place.encoding) !== undefined
}

/** RFC 5173 §5.2: '' is any type, `text` any of its subtypes; what is malformed matches nothing. */
function isOfType({ place, header }: PartView, wanted: string): boolean {
  const [type = ''] = header.named('content-type').map(({ text }) => text.split(';', 1)[0] ?? '')
  if (type.split('/').length > 2) return false
  if (wanted === '') return true
  if (wanted.startsWith('/') || wanted.endsWith('/') || wanted.indexOf('/') !== wanted.lastIndexOf('/'))
    return false
  return wanted.includes('/') ? place.type === wanted : place.type.startsWith(`${wanted}/`)
}

/** RFC 5173 §5.2: of a multipart what stands around its parts, of a message its header, of others the decoded content. */
function* contentOf(part: PartView, asText: boolean): Generator<string> {
  const [first] = part.children
  if (first === undefined) yield asText ? part.plainText : part.text
  else if (part.place.type.startsWith('multipart/')) yield* around(part)
  else yield [...first.header.fields].map(({ raw }) => raw).join('')
}

function* around(part: PartView): Generator<string> {
  const { bodyStart, bodyEnd } = part.place
  const raw = part.rawBody
  const firstStart = (part.children[0]?.place.headerStart ?? bodyEnd) - bodyStart
  const lastEnd = (part.children.at(-1)?.place.bodyEnd ?? bodyEnd) - bodyStart
  yield fromOctets(raw.subarray(0, firstStart)).replace(/--[^\r\n]*\r?\n$/, '')
  yield fromOctets(raw.subarray(lastEnd)).replace(/^\r?\n--[^\r\n]*(?:\r?\n)?/, '')
}

// `:matches`: `*` is any run of characters, `?` one, a backslash takes their meaning away. RFC 5228 §2.7.1.

type Item = string | typeof one
const one = Symbol('?')
type Segment = readonly Item[]

/** What each wildcard matched, `[0]` the whole; undefined where the pattern does not fit. Shortest first: RFC 5229 §3.2. */
export function matchGlob(text: string, pattern: string): string[] | undefined {
  const segments = cut(pattern)
  const [first = []] = segments
  const captures: string[] = [text]
  const firstEnd = matchAt(text, 0, first, captures)
  if (firstEnd < 0) return undefined
  if (segments.length === 1) return firstEnd === text.length ? captures : undefined
  let at = firstEnd
  for (const segment of segments.slice(1, -1)) {
    const found = search(text, at, segment, captures)
    if (found === undefined) return undefined
    at = found
  }
  return matchLast(text, at, segments.at(-1) ?? [], captures)
}

/** The last segment ends where the text does. */
function matchLast(text: string, from: number, segment: Segment, captures: string[]): string[] | undefined {
  const own: string[] = []
  for (let start = startOfTail(text, from, segment); start <= text.length; start++) {
    own.length = 0
    if (isInsideCharacter(text, start)) continue
    if (matchAt(text, start, segment, own) === text.length) {
      captures.push(text.slice(from, start), ...own)
      return captures
    }
  }
  return undefined
}

/** The tail has at least as many units as the segment has items, and at most two for each `?`. */
function startOfTail(text: string, from: number, segment: Segment): number {
  const longest = segment.reduce((sum, item) => sum + (item === one ? 2 : item.length), 0)
  return Math.max(from, text.length - longest)
}

/** The leftmost place of the segment; where it ends. */
function search(text: string, from: number, segment: Segment, captures: string[]): number | undefined {
  const [literal] = segment
  const own: string[] = []
  for (let start = from; start <= text.length; start++) {
    if (typeof literal === 'string') {
      start = text.indexOf(literal, start)
      if (start < 0) return undefined
    }
    if (isInsideCharacter(text, start)) continue
    own.length = 0
    const end = matchAt(text, start, segment, own)
    if (end >= 0) {
      captures.push(text.slice(from, start), ...own)
      return end
    }
  }
  return undefined
}

/** Where the segment that begins here ends; -1 where it does not fit. */
function matchAt(text: string, start: number, segment: Segment, captures: string[]): number {
  let at = start
  for (const item of segment) {
    if (item === one) {
      if (at >= text.length) return -1
      const character = String.fromCodePoint(text.codePointAt(at) ?? 0)
      captures.push(character)
      at += character.length
    } else if (text.startsWith(item, at)) at += item.length
    else return -1
  }
  return at
}

function isInsideCharacter(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  const before = text.charCodeAt(at - 1)
  return code >= 0xdc00 && code <= 0xdfff && before >= 0xd800 && before <= 0xdbff
}

function cut(pattern: string): Segment[] {
  const segments: Item[][] = [[]]
  let literal = ''
  const flush = () => {
    if (literal !== '') segments.at(-1)?.push(literal)
    literal = ''
  }
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at)
    if (character === '\\' && at + 1 < pattern.length) literal += pattern.charAt(++at)
    else if (character === '*') {
      flush()
      segments.push([])
    } else if (character === '?') {
      flush()
      segments.at(-1)?.push(one)
    } else literal += character
  }
  flush()
  return segments
}

export interface ListMailbox {
  readonly kind: 'mailbox'
  /** Display name, RFC 2047 words as they are; `decodeWords` makes it readable. */
  readonly name: string | undefined
  /** Obsolete source route, `@a,@b`. */
  readonly route: string | undefined
  /** Quoting taken off. */
  readonly local: string
  /** '' when missing. */
  readonly domain: string
}

interface ListGroup {
  readonly kind: 'group'
  readonly name: string
  readonly members: readonly ListMailbox[]
}

export type ListEntry = ListMailbox | ListGroup

/** Most addresses that one field gives. */
const addressLimit = 10_000

/** An unfolded address field (RFC 5322 §3.4 and §4.4, RFC 6532, RFC 6854). Reads what it can, never throws. */
export function parseAddressList(text: string): ListEntry[] {
  const entries: ListEntry[] = []
  const reader = new ListReader(text)
  let count = 0
  let group: { kind: 'group'; name: string; members: ListMailbox[] } | undefined
  while (count < addressLimit && !reader.atEnd) {
    const { words, angle, comment, stop } = reader.entry(group !== undefined)
    if (stop === ':' && group === undefined) {
      group = { kind: 'group', name: phrase(words), members: [] }
      entries.push(group)
      count++
      continue
    }
    const mailbox = angle === undefined ? bareMailbox(words, comment) : angleMailbox(words, angle, comment)
    if (mailbox !== undefined) {
      count++
      if (group === undefined) entries.push(mailbox)
      else group.members.push(mailbox)
    }
    if (stop === ';') group = undefined
  }
  return entries
}

/** The mailboxes of a list, those of groups included. */
export function mailboxesOf(entries: readonly ListEntry[]): ListMailbox[] {
  return entries.flatMap((entry) => (entry.kind === 'group' ? entry.members : [entry]))
}

interface Word {
  /** '@' and '.' outside quotes are words of their own kind. */
  readonly kind: 'atom' | 'quoted' | '@' | '.'
  readonly text: string
  /** White space or a comment stands before it. */
  readonly apart: boolean
}

interface RawEntry {
  readonly words: Word[]
  /** What stands between `<` and `>`. */
  readonly angle: Word[] | undefined
  readonly comment: string | undefined
  /** The mark that ended it; '' at the end of the text. */
  readonly stop: string
}

const atom = /[^\s"(),.:;<>@]+/y
const literal = /\[[^\]]*\]?/y
const quoted = /"((?:[^"\\]|\\.)*)(?:"|\\?$)/sy
const blank = /\s+/y
const commentText = /[^()\\]+|\\.?/sy

/** Cuts the text at its marks. Each rule moves forward: linear in the length of the text. */
class ListReader {
  readonly #text: string
  #at = 0
  #apart = false
  #comment: string | undefined

  constructor(text: string) {
    this.#text = text
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length
  }

  entry(inGroup: boolean): RawEntry {
    const words: Word[] = []
    let angle: Word[] | undefined
    this.#comment = undefined
    for (;;) {
      this.#skip()
      const mark = this.#text.charAt(this.#at)
      if (mark === '' || mark === ',' || mark === ';' || (mark === ':' && !inGroup && angle === undefined)) {
        this.#at++
        return { words, angle, comment: this.#comment, stop: mark }
      }
      if (mark === '<' && angle === undefined) angle = this.#angle()
      else this.#word(words)
    }
  }

  #angle(): Word[] {
    const words: Word[] = []
    this.#at++
    for (;;) {
      this.#skip()
      const mark = this.#text.charAt(this.#at)
      // a comma or colon belongs to a source route; elsewhere the closing mark was forgotten
      const route = (mark === ',' || mark === ':') && words[0]?.kind === '@'
      if (mark === '>') this.#at++
      if (mark === '>' || mark === '' || (mark === ',' && !route)) return words
      this.#word(words)
    }
  }

  #word(words: Word[]): void {
    const apart = this.#apart
    this.#apart = false
    const mark = this.#text.charAt(this.#at)
    if (mark === '@' || mark === '.') {
      this.#at++
      words.push({ kind: mark, text: mark, apart })
      return
    }
    const string = mark === '"' ? this.#match(quoted) : undefined
    if (string !== undefined) {
      words.push({ kind: 'quoted', text: (string[1] ?? '').replace(/\\(.)/gs, '$1'), apart })
      return
    }
    const afterAt = mark === '[' && words.at(-1)?.kind === '@'
    const text = (afterAt ? this.#match(literal) : this.#match(atom))?.[0] ?? this.#text.charAt(this.#at++)
    words.push({ kind: 'atom', text, apart })
  }

  /** White space and comments (RFC 5322 §3.2.2). */
  #skip(): void {
    for (;;) {
      if (this.#match(blank) !== undefined) this.#apart = true
      if (this.#text.charAt(this.#at) !== '(') return
      this.#apart = true
      this.#comment = this.#readComment()
    }
  }

  #readComment(): string {
    const pieces: string[] = []
    let depth = 0
    do {
      const mark = this.#text.charAt(this.#at)
      if (mark === '(' || mark === ')') {
        depth += mark === '(' ? 1 : -1
        this.#at++
      } else {
        pieces.push((this.#match(commentText)?.[0] ?? '').replace(/^\\/, ''))
      }
    } while (depth > 0 && !this.atEnd)
    return pieces.join('').trim()
  }

  #match(rule: RegExp): RegExpExecArray | undefined {
    rule.lastIndex = this.#at
    const match = rule.exec(this.#text)
    if (match === null) return undefined
    this.#at = rule.lastIndex
    return match
  }
}

/** `Name <local@domain>` */
function angleMailbox(
  words: readonly Word[],
  angle: readonly Word[],
  comment: string | undefined,
): ListMailbox {
  const name = phrase(words) || comment
  return mailbox({ name, address: angle })
}

/** `local@domain (Name)`; or words without an address; or, wrongly but often, `Name local@domain`. */
function bareMailbox(words: readonly Word[], comment: string | undefined): ListMailbox | undefined {
  if (words.length === 0) return undefined
  const at = words.findLastIndex(({ kind }) => kind === '@')
  if (at < 0) {
    return words.length === 1 || words.some(({ kind }) => kind === '.')
      ? mailbox({ name: comment, address: words })
      : mailbox({ name: phrase(words), address: [] })
  }
  let start = at
  while (start > 0 && isGlued(words, start)) start--
  return mailbox({ name: phrase(words.slice(0, start)) || comment, address: words.slice(start) })
}

/** The word before belongs to the same address: a dot or an at sign joins them, or nothing stands between. */
function isGlued(words: readonly Word[], index: number): boolean {
  const here = words[index]
  const before = words[index - 1]
  if (here === undefined || before === undefined) return false
  if (here.kind === '.' || here.kind === '@' || before.kind === '.' || before.kind === '@') return true
  return !here.apart && here.kind === 'atom' && before.kind === 'atom'
}

function mailbox({ name, address }: { name: string | undefined; address: readonly Word[] }): ListMailbox {
  const { route, rest } = splitRoute(address)
  const at = rest.findLastIndex(({ kind }) => kind === '@')
  const local = at < 0 ? rest : rest.slice(0, at)
  return {
    kind: 'mailbox',
    name: name === '' ? undefined : name,
    route,
    local: joined(local),
    domain: at < 0 ? '' : joined(rest.slice(at + 1)),
  }
}

/** `@a,@b:local@domain` (RFC 5322 §4.4 obs-route). */
function splitRoute(words: readonly Word[]): { route: string | undefined; rest: readonly Word[] } {
  const colon = words[0]?.kind === '@' ? words.findIndex(({ text }) => text === ':') : -1
  if (colon < 0) return { route: undefined, rest: words }
  return { route: joined(words.slice(0, colon)), rest: words.slice(colon + 1) }
}

/** White space around a dot is obsolete syntax and means nothing; elsewhere it separates. */
function joined(words: readonly Word[]): string {
  return words
    .map((word, index) => (index > 0 && isSpaced(words, index) ? ` ${word.text}` : word.text))
    .join('')
}

function isSpaced(words: readonly Word[], index: number): boolean {
  const [before, here] = [words[index - 1], words[index]]
  return (
    here?.apart === true &&
    here.kind !== '.' &&
    before?.kind !== '.' &&
    here.kind !== '@' &&
    before?.kind !== '@'
  )
}

/** A display name as it was meant, spaces as written but one at a time. */
function phrase(words: readonly Word[]): string {
  return words
    .map(({ text, apart }, index) => (index > 0 && apart ? ` ${text}` : text))
    .join('')
    .trim()
}
